package io.t2v.internal.unet3d;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention among the pixels of each frame, then to the text. The reference's Transformer2DModel
 * with linear projections.
 */
final class SpatialTransformer {
  private final ProjectedTransformer transformer;
  private final SelfAttention selfAttention;
  private final TextAttention textAttention;
  private final int textIndex;

  /** textIndex: what {@link #addTextProjection} returned. */
  SpatialTransformer(
      UnetConfig config, Weights weights, long channels, int headDim, int textIndex) {
    Heads heads = new Heads(channels / headDim, headDim);
    transformer = new ProjectedTransformer(config, weights, channels, heads.width());
    Weights block = ProjectedTransformer.block(weights);
    selfAttention = SelfAttention.load(block, "1", heads);
    textAttention = TextAttention.load(block, "2", heads);
    this.textIndex = textIndex;
  }

  /** Adds the projection of the text for the transformer with these weights. */
  static int addTextProjection(UnetBuilder unet, UnetConfig config, Weights weights, int level) {
    long headDim = config.headDims().get(level);
    Heads heads = new Heads(config.channels(level) / headDim, headDim);
    return unet.addTextProjection(
        ProjectedTransformer.block(weights).at("attn2"),
        own -> TextAttention.projection(own, config.crossAttentionDim(), heads));
  }

  /** [samples × frames, channels, height, width] to the same shape. */
  Tensor forward(Tensor x, ForwardContext context) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(
          transformer.forward(
              x,
              transformer.norm().forward(x),
              1,
              tokens -> {
                selfAttention.addOverRows(tokens);
                textAttention.addTo(tokens, context.textKeysValues().get(textIndex));
              }));
    }
  }
}
