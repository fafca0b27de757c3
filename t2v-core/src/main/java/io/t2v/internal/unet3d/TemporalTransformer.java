package io.t2v.internal.unet3d;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention of each pixel to itself in all frames, twice. The reference's TransformerTemporalModel
 * with double self-attention.
 */
final class TemporalTransformer {
  private final ProjectedTransformer transformer;
  private final SelfAttention first;
  private final SelfAttention second;

  TemporalTransformer(UnetConfig config, Weights weights, long channels, long heads, long headDim) {
    Heads split = new Heads(heads, headDim);
    transformer = new ProjectedTransformer(config, weights, channels, split.width());
    first = SelfAttention.loadForFrames(ProjectedTransformer.block(weights), "1", split);
    second = SelfAttention.loadForFrames(ProjectedTransformer.block(weights), "2", split);
  }

  /** [samples × frames, channels, height, width] to the same shape. */
  Tensor forward(Tensor x, ForwardContext context) {
    double strength = context.adjustments().temporalAttentionStrength();
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(
          strength == 0
              ? x.view_as(x)
              : transformer.forward(
                  x, normalise(x, context), strength, tokens -> attend(tokens, context.frames())));
    }
  }

  /** Statistics are over all frames of a sample, not over each frame. */
  private Tensor normalise(Tensor x, ForwardContext context) {
    Tensor columns = TokenLayouts.frameColumns(x, context.frames());
    return TokenLayouts.images(transformer.norm().forward(columns), x.size(2), x.size(3));
  }

  private void attend(Tensor tokens, long frames) {
    for (long start = 0; start < tokens.size(0); start += frames) {
      Tensor sample = tokens.narrow(0, start, frames);
      first.addOverColumns(sample);
      second.addOverColumns(sample);
    }
  }
}
