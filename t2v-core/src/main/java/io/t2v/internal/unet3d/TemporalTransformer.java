package io.t2v.internal.unet3d;

import io.t2v.internal.nn.FeedForward;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention of each pixel across frames, twice. The reference's TransformerTemporalModel with
 * double self-attention.
 */
final class TemporalTransformer {
  private static final double GROUP_NORM_EPSILON = 1e-6;
  private static final double LAYER_NORM_EPSILON = 1e-5;

  private final GroupNorm norm;
  private final Linear projectIn;
  private final SelfAttention first;
  private final SelfAttention second;
  private final LayerNorm feedForwardNorm;
  private final FeedForward feedForward;
  private final Linear projectOut;

  TemporalTransformer(UnetConfig config, Weights weights, long channels, long heads, long headDim) {
    long width = heads * headDim;
    norm = GroupNorm.load(weights.at("norm"), channels, config.normGroups(), GROUP_NORM_EPSILON);
    projectIn = Linear.load(weights.at("proj_in"), channels, width);
    Weights block = weights.at("transformer_blocks.0");
    first =
        new SelfAttention(
            LayerNorm.load(block.at("norm1"), width, LAYER_NORM_EPSILON),
            block.at("attn1"),
            heads,
            headDim);
    second =
        new SelfAttention(
            LayerNorm.load(block.at("norm2"), width, LAYER_NORM_EPSILON),
            block.at("attn2"),
            heads,
            headDim);
    feedForwardNorm = LayerNorm.load(block.at("norm3"), width, LAYER_NORM_EPSILON);
    feedForward = FeedForward.load(block.at("ff"), width);
    projectOut = Linear.load(weights.at("proj_out"), width, channels);
  }

  /** [clips × frames, channels, height, width], same shape. */
  Tensor forward(Tensor x, ForwardContext pass) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor normed =
          TokenLayouts.images(
              norm.forward(TokenLayouts.frameColumns(x, pass.frames())), x.size(2), x.size(3));
      Tensor tokens = projectIn.forward(TokenLayouts.tokens(normed));
      normed.close();
      for (long frame = 0; frame < tokens.size(0); frame += pass.frames()) {
        Tensor clip = tokens.narrow(0, frame, pass.frames());
        first.addOverColumns(clip);
        second.addOverColumns(clip);
      }
      feedForward.addTo(tokens, feedForwardNorm);
      Tensor out = TokenLayouts.image(projectOut.forward(tokens), x.size(2), x.size(3));
      return scope.keep(out.add_(x));
    }
  }
}
