package io.t2v.internal.unet3d;

import io.t2v.internal.nn.UpsampleConv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** A level of the up path. The reference's UpBlock3D and CrossAttnUpBlock3D. */
final class UpLevel {
  private UpLevel() {}

  /** Adds the level's layers, each of which joins a skip connection, and its upsampling. */
  static void addTo(UnetBuilder unet, UnetConfig config, Weights weights, int level) {
    int index = config.levels() - 1 - level;
    long out = config.channels(level);
    long below = config.channels(Math.min(level + 1, config.levels() - 1));
    long lastSkip = config.channels(Math.max(level - 1, 0));
    boolean attention = config.upBlockTypes().get(index).equals(UnetConfig.CROSS_ATTENTION_UP);
    BlockLayer.Builder layers = new BlockLayer.Builder(unet, config, weights, level, attention);
    int last = config.layersPerBlock();
    for (int i = 0; i <= last; i++) {
      long hidden = i == 0 ? below : out;
      long skip = i == last ? lastSkip : out;
      layers.add(i, hidden + skip, layer -> joining(layer, index));
    }
    if (level > 0) {
      unet.addBlock(
          weights.at("upsamplers.0"), own -> upsampling(upsample(config, own.at("conv"), out)));
    }
  }

  /** index: of the up block, from the innermost one. */
  private static Block joining(BlockLayer layer, int index) {
    return features -> {
      try (TensorScope scope = TensorScope.open()) {
        ForwardContext context = features.context();
        Tensor skip = FreeUScaling.scale(context, index, features.hidden(), features.popSkip());
        Tensor joined = torch.cat(new TensorVector(features.hidden(), skip), 1);
        features.hidden().close();
        skip.close();
        features.setHidden(scope.keep(layer.forward(joined, context)));
      }
    };
  }

  /** Upsamples to the size of the next skip connection, which an odd size has made differ. */
  private static Block upsampling(UpsampleConv2d upsample) {
    return features -> {
      Tensor skip = features.peekSkip();
      Tensor enlarged = upsample.forward(features.hidden(), skip.size(2), skip.size(3));
      features.hidden().close();
      features.setHidden(enlarged);
    };
  }

  /** With a padding of 1, the size of the skip is always twice the size at hand, or one less. */
  private static UpsampleConv2d upsample(UnetConfig config, Weights weights, long channels) {
    return config.downsamplePadding() == 1
        ? UpsampleConv2d.doubling(weights, channels)
        : UpsampleConv2d.toAnySize(weights, channels);
  }
}
