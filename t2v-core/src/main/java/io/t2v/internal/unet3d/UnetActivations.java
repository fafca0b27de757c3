package io.t2v.internal.unet3d;

import io.t2v.internal.memory.Workload;
import io.t2v.internal.nn.FeedForward;
import io.t2v.internal.torch.ComputeConfig;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Memory of the network's features, by walking through its stages with sizes in place of tensors.
 *
 * <p>What is counted follows the code of the layers: a residual layer has its input, the normalised
 * input and its result at the same time; a temporal convolution four images of its width.
 */
final class UnetActivations {
  /**
   * What the layers take in chunks on a CPU: neighbourhoods, points, queries, wide intermediates.
   */
  private static final long WORKSPACE = 160L << 20;

  /**
   * Of a feed-forward layer: its normalised input, and two intermediates of four times the width.
   */
  private static final int FEED_FORWARD_TENSORS = 9;

  /** Tensors of a layer's own width that are alive at its peak. */
  private static final int WIDE_TENSORS = 4;

  private final UnetConfig config;
  private final ComputeConfig compute;
  private final Workload workload;
  private final int waitingClips;
  private final Deque<Long> skips = new ArrayDeque<>();
  private long skipBytes;
  private long peak;

  private UnetActivations(
      UnetConfig config, ComputeConfig compute, Workload workload, int waitingClips) {
    this.config = config;
    this.compute = compute;
    this.workload = workload;
    this.waitingClips = waitingClips;
  }

  /** With the whole network there: only the clips of one batch have features at a time. */
  static long groupByGroup(UnetConfig config, ComputeConfig compute, Workload workload) {
    return new UnetActivations(config, compute, workload, together(workload)).walk();
  }

  /** With one stage there at a time: all clips have features. */
  static long stageByStage(UnetConfig config, ComputeConfig compute, Workload workload) {
    return new UnetActivations(config, compute, workload, workload.clips()).walk();
  }

  private long walk() {
    remember(image(channels(0), 0));
    for (int level = 0; level < config.levels(); level++) {
      for (int layer = 0; layer < config.layersPerBlock(); layer++) {
        note(0, WIDE_TENSORS * image(channels(level), level));
        remember(image(channels(level), level));
      }
      if (level < config.levels() - 1) {
        remember(image(channels(level), level + 1));
      }
    }
    long hidden = image(channels(config.levels() - 1), config.levels() - 1);
    note(hidden, WIDE_TENSORS * hidden);
    for (int level = config.levels() - 1; level >= 0; level--) {
      long own = image(channels(level), level);
      for (int layer = 0; layer <= config.layersPerBlock(); layer++) {
        long skip = skips.removeLast();
        long joined = hidden + skip;
        note(hidden, joined + Math.max(joined + own, WIDE_TENSORS * own) - hidden);
        skipBytes -= skip;
        hidden = own;
      }
      if (level > 0) {
        hidden = image(channels(level), level - 1);
        note(hidden, own);
      }
    }
    return peak + (compute.device().isCpu() ? compute.chunk(WORKSPACE) : feedForward());
  }

  /** The widest feed-forward layer, that of the outermost level; in chunks, if it has to be. */
  private long feedForward() {
    long width = Math.max(channels(0), Unet3d.entryWidth(config));
    long tokens =
        (long) together(workload) * workload.frames() * workload.height() * workload.width();
    long elements = Math.min(tokens * width, FeedForward.chunkElements(compute));
    return FEED_FORWARD_TENSORS * elements * compute.elementBytes();
  }

  private long channels(int level) {
    return config.blockOutChannels().get(level);
  }

  private long image(long channels, int level) {
    return compute.elementBytes()
        * channels
        * workload.frames()
        * halved(workload.height(), level)
        * halved(workload.width(), level);
  }

  private static long halved(int length, int times) {
    int half = length;
    for (int i = 0; i < times; i++) {
      half = (half + 1) / 2;
    }
    return half;
  }

  private void remember(long bytes) {
    skips.addLast(bytes);
    skipBytes += bytes;
  }

  private static int together(Workload workload) {
    return Math.min(workload.microBatch(), workload.clips());
  }

  /** hidden: what waits between stages; working: what the stage takes beside it, for one clip. */
  private void note(long hidden, long working) {
    peak = Math.max(peak, waitingClips * (skipBytes + hidden) + together(workload) * working);
  }
}
