package io.t2v.internal.unet3d;

import static java.util.Objects.requireNonNull;

import io.t2v.internal.torch.DeviceGraph;
import io.t2v.unet.BlockListener;
import io.t2v.unet.Conditioning;
import java.lang.System.Logger.Level;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Records a prediction as a graph of the device's kernels, and replays it: one launch in place of
 * some thousand, each of which the CPU would have to issue.
 *
 * <p>The first prediction is computed as usual, which lets libraries plan and allocate; the second
 * is recorded; all others are replays, and so is the first where the cache has a graph of its
 * shape. Once the latents' shape changes or the device refuses, the rest of the generation is
 * computed as usual. The price is the memory of the recorded intermediates, which stays reserved
 * until the graph is closed.
 *
 * <p>Not thread-safe.
 */
final class GraphPredictor implements Predictor {
  private static final System.Logger LOGGER = System.getLogger(GraphPredictor.class.getName());

  private final TextPredictor network;
  private final List<Tensor> text;
  private final Conditioning conditioning;
  private final GraphCache cache;
  private DeviceGraph.@Nullable Recorder recorder;
  private @Nullable RecordedPrediction recording;
  private @Nullable GraphKey key;
  private int blocks;

  /**
   * network: whose weights stay where they are; text: projected, of the conditioning; recorder: of
   * the device that it computes on.
   */
  GraphPredictor(
      TextPredictor network,
      List<Tensor> text,
      Conditioning conditioning,
      GraphCache cache,
      DeviceGraph.Recorder recorder) {
    this.network = network;
    this.text = text;
    this.conditioning = conditioning;
    this.cache = cache;
    this.recorder = recorder;
  }

  @Override
  public Tensor predict(Tensor latents, Tensor time, BlockListener listener) {
    GraphKey found = GraphKey.of(latents, time, text, conditioning);
    if (key == null && !takeFromCache(found)) {
      return computeFirst(found, latents, time, listener);
    }
    Tensor replayed = recorder == null ? null : replay(found, latents, time, recorder);
    if (replayed == null) {
      return network.predict(latents, time, text, listener);
    }
    // Only now: the listener may throw, which must not happen during a recording.
    listener.onBlock(blocks, blocks);
    return replayed;
  }

  private boolean takeFromCache(GraphKey found) {
    recording = cache.take(found);
    if (recording == null) {
      return false;
    }
    key = found;
    blocks = recording.blocks();
    recording.useText(text);
    return true;
  }

  private Tensor computeFirst(GraphKey found, Tensor latents, Tensor time, BlockListener listener) {
    Tensor predicted =
        network.predict(
            latents,
            time,
            text,
            (done, total) -> {
              blocks = total;
              listener.onBlock(done, total);
            });
    key = found;
    return predicted;
  }

  /** Returns null, with nothing computed, if there is no graph for these latents. */
  private @Nullable Tensor replay(
      GraphKey found, Tensor latents, Tensor time, DeviceGraph.Recorder device) {
    if (!found.equals(key)) {
      giveUp(
          "latents of the shape "
              + found.latents()
              + " came after "
              + requireNonNull(key).latents());
      return null;
    }
    try {
      if (recording == null) {
        recording = RecordedPrediction.of(network, latents, time, text, blocks, device);
      }
      return recording.replay(latents, time);
    } catch (RuntimeException e) {
      LOGGER.log(Level.DEBUG, "The device refused a CUDA graph", e);
      giveUp("the device refused, " + firstLine(e));
      return null;
    }
  }

  /** The graph that was there is of no use to further generations either. */
  private void giveUp(String why) {
    LOGGER.log(Level.WARNING, "No CUDA graph for the rest of this generation: {0}", why);
    recorder = null;
    if (recording != null) {
      RecordedPrediction closing = recording;
      recording = null;
      closing.close();
    }
  }

  /** Further lines of libtorch's messages are its own stack trace. */
  private static String firstLine(Throwable cause) {
    return cause.toString().lines().findFirst().orElse("");
  }

  @Override
  public void close() {
    if (recording != null) {
      RecordedPrediction used = recording;
      recording = null;
      cache.giveBack(requireNonNull(key), used);
    }
  }
}
