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
 * Records a prediction as a graph of the device's kernels, and replays it: one launch in place of
 * some thousand, each of which the CPU would have to issue.
 *
 * <p>The first prediction is computed as usual, which lets libraries plan and allocate; the second
 * is recorded; all others are replays. Once the latents' shape changes or the device refuses, the
 * rest of the generation is computed as usual. The price is the memory of the recorded
 * intermediates, which stays reserved until this is closed.
 *
 * <p>Not thread-safe.
 */
final class GraphPredictor implements Predictor {
  private static final System.Logger LOGGER = System.getLogger(GraphPredictor.class.getName());

  private final Predictor predictor;
  private DeviceGraph.@Nullable Recorder recorder;
  private @Nullable Recording recording;
  private long @Nullable [] shape;
  private int blocks;

  /** predictor: whose weights stay where they are; recorder: of the device that it computes on. */
  GraphPredictor(Predictor predictor, DeviceGraph.Recorder recorder) {
    this.predictor = predictor;
    this.recorder = recorder;
  }

  @Override
  public Tensor predict(Tensor latents, Tensor time, BlockListener listener) {
    if (shape == null) {
      return computeFirst(latents, time, listener);
    }
    Tensor replayed = recorder == null ? null : replay(latents, time, recorder);
    if (replayed == null) {
      return predictor.predict(latents, time, listener);
    }
    // Only now: the listener may throw, which must not happen during a recording.
    listener.onBlock(blocks, blocks);
    return replayed;
  }

  private Tensor computeFirst(Tensor latents, Tensor time, BlockListener listener) {
    Tensor predicted =
        predictor.predict(
            latents,
            time,
            (done, total) -> {
              blocks = total;
              listener.onBlock(done, total);
            });
    shape = HostTensors.shape(latents);
    return predicted;
  }

  /** Returns null, with nothing computed, if there is no graph for these latents. */
  private @Nullable Tensor replay(Tensor latents, Tensor time, DeviceGraph.Recorder device) {
    long[] found = HostTensors.shape(latents);
    if (!Arrays.equals(shape, found)) {
      giveUp("latents of the shape " + Arrays.toString(found) + " came after " + shape());
      return null;
    }
    try {
      if (recording == null) {
        recording = Recording.of(predictor, latents, time, device);
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

  /** Further lines of libtorch's messages are its own stack trace. */
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

  /** A graph, with the tensors that it reads and writes. */
  private record Recording(
      NativePool pool, Tensor latents, Tensor time, Tensor predicted, DeviceGraph graph)
      implements AutoCloseable {
    static Recording of(
        Predictor predictor, Tensor latents, Tensor time, DeviceGraph.Recorder device) {
      NativePool pool = new NativePool();
      try (TensorScope scope = TensorScope.open()) {
        Tensor ownLatents = pool.adopt(latents.clone());
        Tensor ownTime = pool.adopt(time.clone());
        Tensor[] predicted = new Tensor[1];
        DeviceGraph graph =
            device.record(
                () -> predicted[0] = predictor.predict(ownLatents, ownTime, BlockListener.none()));
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
