package io.t2v.internal.unet3d;

import static java.util.Objects.requireNonNull;

import io.t2v.internal.torch.DeviceGraph;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TensorScope;
import io.t2v.unet.BlockListener;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Predictions of which the first is computed as always, the second is recorded, and all that follow
 * replay the recording. If the shape changes, or the device refuses, the rest is computed as
 * always.
 *
 * <p>Used by one thread.
 */
final class ReplayedStep implements PredictionStep {
  private static final System.Logger LOGGER = System.getLogger(ReplayedStep.class.getName());

  private final PredictionStep step;
  private DeviceGraph.@Nullable Recorder recorder;
  private @Nullable Recording recording;
  private long @Nullable [] shape;
  private int blocks;

  /**
   * Makes the step.
   *
   * @param step computes; always on the same weights
   * @param recorder of the device that it computes on
   */
  ReplayedStep(PredictionStep step, DeviceGraph.Recorder recorder) {
    this.step = step;
    this.recorder = recorder;
  }

  @Override
  public Tensor predict(Tensor latents, Tensor time, BlockListener listener) {
    if (shape == null) {
      return computeFirst(latents, time, listener);
    }
    Tensor replayed = recorder == null ? null : replay(latents, time, recorder);
    if (replayed == null) {
      return step.predict(latents, time, listener);
    }
    // Not before: what a listener throws must not come in the middle of a recording.
    listener.onBlock(blocks, blocks);
    return replayed;
  }

  /** Also prepares the kernels: libraries plan and allocate at their first use. */
  private Tensor computeFirst(Tensor latents, Tensor time, BlockListener listener) {
    Tensor predicted =
        step.predict(
            latents,
            time,
            (done, total) -> {
              blocks = total;
              listener.onBlock(done, total);
            });
    shape = HostTensors.shape(latents);
    return predicted;
  }

  /** Returns null if this is not to be: then nothing was computed. */
  private @Nullable Tensor replay(Tensor latents, Tensor time, DeviceGraph.Recorder device) {
    long[] found = HostTensors.shape(latents);
    if (!Arrays.equals(shape, found)) {
      giveUp("latents of the shape " + Arrays.toString(found) + " came after " + shape());
      return null;
    }
    try {
      if (recording == null) {
        recording = Recording.of(step, latents, time, device);
      }
      return recording.replay(latents, time);
    } catch (RuntimeException e) {
      LOGGER.log(Level.DEBUG, "The device refused a CUDA graph", e);
      giveUp("the device refused, " + firstLine(e));
      return null;
    }
  }

  private String shape() {
    return Arrays.toString(requireNonNull(shape));
  }

  private void giveUp(String why) {
    LOGGER.log(Level.WARNING, "No CUDA graph for the rest of this generation: {0}", why);
    recorder = null;
    close();
  }

  /** libtorch's messages go on with the frames of its own stack. */
  private static String firstLine(Throwable cause) {
    return cause.toString().lines().findFirst().orElse("");
  }

  @Override
  public void close() {
    if (recording != null) {
      Recording closing = recording;
      recording = null;
      closing.close();
    }
  }

  /** A prediction with the tensors that it reads and writes. */
  private record Recording(
      NativePool pool, Tensor latents, Tensor time, Tensor predicted, DeviceGraph graph)
      implements AutoCloseable {
    static Recording of(
        PredictionStep step, Tensor latents, Tensor time, DeviceGraph.Recorder device) {
      NativePool pool = new NativePool();
      try (TensorScope scope = TensorScope.open()) {
        Tensor ownLatents = pool.adopt(latents.clone());
        Tensor ownTime = pool.adopt(time.clone());
        Tensor[] predicted = new Tensor[1];
        DeviceGraph graph =
            device.record(
                () -> predicted[0] = step.predict(ownLatents, ownTime, BlockListener.none()));
        return new Recording(pool, ownLatents, ownTime, pool.adopt(predicted[0]), graph);
      } catch (RuntimeException | Error e) {
        pool.close();
        throw e;
      }
    }

    Tensor replay(Tensor nextLatents, Tensor nextTime) {
      latents.copy_(nextLatents);
      time.copy_(nextTime);
      graph.replay();
      return predicted.clone();
    }

    @Override
    public void close() {
      try {
        pool.close();
      } finally {
        graph.close();
      }
    }
  }
}
