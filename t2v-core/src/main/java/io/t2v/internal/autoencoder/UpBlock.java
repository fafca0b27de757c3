package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.UpsampleConv2d;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A level of the decoder. The reference's UpDecoderBlock2D. */
final class UpBlock {
  private final ResnetBlocks resnets;
  private final @Nullable UpsampleConv2d upsample;

  /** index: from the innermost block outwards. */
  UpBlock(VaeConfig config, Weights weights, int index) {
    int level = config.levels() - 1 - index;
    long out = config.blockOutChannels().get(level);
    long in = config.blockOutChannels().get(Math.min(level + 1, config.levels() - 1));
    resnets = ResnetBlocks.load(config, weights, config.layersPerBlock() + 1, in, out);
    upsample = level == 0 ? null : UpsampleConv2d.doubling(weights.at("upsamplers.0.conv"), out);
  }

  /** Frees its input. */
  Tensor forward(Tensor x) {
    Tensor hidden = resnets.forward(x);
    if (upsample == null) {
      return hidden;
    }
    Tensor enlarged = upsample.forward(hidden, 2 * hidden.size(2), 2 * hidden.size(3));
    hidden.close();
    return enlarged;
  }
}
