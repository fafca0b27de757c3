package io.t2v.internal.unet3d;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.OptionalInt;

/**
 * The innermost block: a layer with attention, and one without. The reference's
 * UNetMidBlock3DCrossAttn.
 */
final class MidBlock {
  private MidBlock() {}

  static void addTo(UnetBuilder unet, UnetConfig config, Weights weights) {
    int level = config.levels() - 1;
    int text =
        SpatialTransformer.addTextProjection(unet, config, weights.at("attentions.0"), level);
    unet.addBlock(
        weights,
        own ->
            block(
                layer(config, own, 0, OptionalInt.of(text)),
                layer(config, own, 1, OptionalInt.empty())));
  }

  private static BlockLayer layer(
      UnetConfig config, Weights weights, int index, OptionalInt textIndex) {
    int level = config.levels() - 1;
    return BlockLayer.load(
        config,
        weights,
        level,
        index,
        config.channels(level),
        config.midBlockScaleFactor(),
        textIndex);
  }

  private static Block block(BlockLayer first, BlockLayer second) {
    return features -> {
      try (TensorScope scope = TensorScope.open()) {
        ForwardContext context = features.context();
        features.setHidden(
            scope.keep(second.forward(first.forward(features.hidden(), context), context)));
      }
    };
  }
}
