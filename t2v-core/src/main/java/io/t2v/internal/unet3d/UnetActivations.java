package io.t2v.internal.unet3d;

import io.t2v.internal.memory.Workload;
import io.t2v.internal.memory.Workload.Texts;
import io.t2v.internal.nn.FeedForward;
import io.t2v.internal.torch.ComputeConfig;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Peak memory of the network's features, found by walking through its blocks with sizes in place of
 * tensors.
 *
 * <p>The counts follow the code of the layers: a residual layer holds its input, the normalised
 * input and its output at the same time; a temporal convolution four tensors of the layer's width.
 */
final class UnetActivations {
  /** Intermediates of the layers that compute in chunks or bands of usual size on a CPU. */
  private static final long WORKSPACE = 160L << 20;

  /** Of such a layer in a single chunk, by the widest tensor of the network. */
  private static final int WHOLE_LAYER_TENSORS = 12;

  /** Of a feed-forward layer: its normalised input, and two intermediates four times as wide. */
  private static final int FEED_FORWARD_TENSORS = 9;

  /** Tensors of a layer's width at its peak. */
  private static final int WIDE_TENSORS = 4;

  private final UnetConfig config;
  private final ComputeConfig compute;
  private final Workload workload;
  private final int liveSamples;
  private final Deque<Long> skips = new ArrayDeque<>();
  private long skipBytes;
  private long peak;

  private UnetActivations(
      UnetConfig config, ComputeConfig compute, Workload workload, int liveSamples) {
    this.config = config;
    this.compute = compute;
    this.workload = workload;
    this.liveSamples = liveSamples;
  }

  /** With all weights resident: only the samples of one micro-batch have features. */
  static long byMicroBatch(UnetConfig config, ComputeConfig compute, Workload workload) {
    return new UnetActivations(config, compute, workload, microBatch(workload)).walk();
  }

  /** With offloaded blocks: all samples have features. */
  static long byBlock(UnetConfig config, ComputeConfig compute, Workload workload) {
    return new UnetActivations(config, compute, workload, workload.clips()).walk();
  }

  private long walk() {
    pushSkip(image(channels(0), 0));
    for (int level = 0; level < config.levels(); level++) {
      for (int layer = 0; layer < config.layersPerBlock(); layer++) {
        update(0, WIDE_TENSORS * image(channels(level), level));
        pushSkip(image(channels(level), level));
      }
      if (level < config.levels() - 1) {
        pushSkip(image(channels(level), level + 1));
      }
    }
    long hidden = image(channels(config.levels() - 1), config.levels() - 1);
    update(hidden, WIDE_TENSORS * hidden);
    for (int level = config.levels() - 1; level >= 0; level--) {
      long own = image(channels(level), level);
      for (int layer = 0; layer <= config.layersPerBlock(); layer++) {
        long skip = skips.removeLast();
        long joined = hidden + skip;
        update(hidden, joined + Math.max(joined + own, WIDE_TENSORS * own) - hidden);
        skipBytes -= skip;
        hidden = own;
      }
      if (level > 0) {
        hidden = image(channels(level), level - 1);
        update(hidden, own);
      }
    }
    return peak
        + projectedText()
        + cachedFeatures()
        + (compute.device().isCpu() ? workspace() : feedForward());
  }

  private long workspace() {
    long whole = image(widest(), 0) * microBatch(workload) * WHOLE_LAYER_TENSORS;
    return compute.workspace(WORKSPACE, whole);
  }

  private long widest() {
    return Math.max(channels(0), InputBlock.tokenWidth(config));
  }

  /** Keys and values of the texts, for every layer that attends to them. */
  private long projectedText() {
    long width = channels(config.levels() - 1); // of the middle block
    for (int level = 0; level < config.levels(); level++) {
      if (config.downBlockTypes().get(level).equals(UnetConfig.CROSS_ATTENTION_DOWN)) {
        width += config.layersPerBlock() * channels(level);
      }
      String up = config.upBlockTypes().get(config.levels() - 1 - level);
      if (up.equals(UnetConfig.CROSS_ATTENTION_UP)) {
        width += (config.layersPerBlock() + 1) * channels(level);
      }
    }
    Texts texts = workload.texts();
    long clips = (long) workload.clips() + (texts.promptsApart() ? workload.videos() : 0);
    long ofClip = (long) texts.atOnce() * (texts.ofEachFrame() ? workload.frames() : 1);
    return 2 * width * clips * ofClip * texts.tokens() * compute.elementBytes();
  }

  /** Of every clip and window, at the cut. */
  private long cachedFeatures() {
    return workload
        .cached()
        .map(
            cached -> {
              NetworkCut cut = NetworkCut.at(config, cached.depth());
              return (long) workload.clips()
                  * cached.windows()
                  * image(cut.channels(config), cut.level(config));
            })
        .orElse(0L);
  }

  /** The widest feed-forward layer, which is one of the outermost level; one chunk at most. */
  private long feedForward() {
    long tokens =
        (long) microBatch(workload) * workload.frames() * workload.height() * workload.width();
    long elements = Math.min(tokens * widest(), FeedForward.chunkElements(compute));
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

  private void pushSkip(long bytes) {
    skips.addLast(bytes);
    skipBytes += bytes;
  }

  private static int microBatch(Workload workload) {
    return Math.min(workload.microBatch(), workload.clips());
  }

  /** For one sample: hidden, of its hidden state; working, what a block takes besides. */
  private void update(long hidden, long working) {
    peak = Math.max(peak, liveSamples * (skipBytes + hidden) + microBatch(workload) * working);
  }
}
