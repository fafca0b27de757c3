package io.t2v.internal.unet3d;

import io.t2v.internal.nn.UpsampleConv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** A level on the way out. The reference's UpBlock3D and CrossAttnUpBlock3D. */
final class UpBlock {
  private UpBlock() {}

  /** Adds the stages of a level. index: from the innermost block outwards. */
  static void addTo(BlockList stages, UnetConfig config, Weights weights, int index) {
    int level = config.levels() - 1 - index;
    long out = config.blockOutChannels().get(level);
    long previous = config.blockOutChannels().get(Math.min(level + 1, config.levels() - 1));
    long skipOfLast = config.blockOutChannels().get(Math.max(level - 1, 0));
    boolean attention = config.upBlockTypes().get(index).equals(UnetConfig.CROSS_ATTENTION_UP);
    BlockLayer.Builder builder =
        new BlockLayer.Builder(
            config, weights, 1, config.headDims().get(level), config.tradeOff(level), stages);
    int count = config.layersPerBlock() + 1;
    for (int i = 0; i < count; i++) {
      long hidden = i == 0 ? previous : out;
      long skip = i == count - 1 ? skipOfLast : out;
      builder.add(i, hidden + skip, out, attention, UpBlock::layer);
    }
    if (level > 0) {
      stages.add(
          weights.at("upsamplers.0"), own -> upsampling(upsample(config, own.at("conv"), out)));
    }
  }

  /** Each layer sees what the way in left beside its input. */
  private static Block layer(BlockLayer layer) {
    return clip -> {
      try (TensorScope scope = TensorScope.open()) {
        Tensor skip = clip.takeSkip();
        TensorVector both = new TensorVector(clip.hidden(), skip);
        Tensor joined = torch.cat(both, 1);
        clip.hidden().close();
        skip.close();
        clip.setHidden(scope.keep(layer.forward(joined, clip.pass())));
      }
    };
  }

  /** With this padding, what is asked for is always twice the size at hand, or one less. */
  private static UpsampleConv2d upsample(UnetConfig config, Weights weights, long channels) {
    return config.downsamplePadding() == 1
        ? UpsampleConv2d.doubling(weights, channels)
        : UpsampleConv2d.toAnySize(weights, channels);
  }

  /** The features that are next to be joined say how large the output has to be. */
  private static Block upsampling(UpsampleConv2d upsample) {
    return clip -> {
      Tensor next = clip.nextSkip();
      Tensor enlarged = upsample.forward(clip.hidden(), next.size(2), next.size(3));
      clip.hidden().close();
      clip.setHidden(enlarged);
    };
  }
}
