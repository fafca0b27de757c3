package io.t2v.internal.unet3d;

import io.t2v.internal.nn.FeedForward;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention within each frame, then to the text. The reference's Transformer2DModel with linear
 * projections.
 */
final class SpatialTransformer {
  private static final double GROUP_NORM_EPSILON = 1e-6;
  private static final double LAYER_NORM_EPSILON = 1e-5;

  private final int textIndex;
  private final GroupNorm norm;
  private final Linear projectIn;
  private final SelfAttention selfAttention;
  private final TextAttention textAttention;
  private final LayerNorm feedForwardNorm;
  private final FeedForward feedForward;
  private final Linear projectOut;

  /** textIndex: which of the pass' projected texts is this layer's. */
  SpatialTransformer(
      UnetConfig config, Weights weights, long channels, int headDim, int textIndex) {
    long heads = channels / headDim;
    long width = heads * headDim;
    this.textIndex = textIndex;
    norm = GroupNorm.load(weights.at("norm"), channels, config.normGroups(), GROUP_NORM_EPSILON);
    projectIn = Linear.load(weights.at("proj_in"), channels, width);
    Weights block = weights.at("transformer_blocks.0");
    selfAttention =
        new SelfAttention(
            LayerNorm.load(block.at("norm1"), width, LAYER_NORM_EPSILON),
            block.at("attn1"),
            heads,
            headDim);
    textAttention =
        new TextAttention(
            LayerNorm.load(block.at("norm2"), width, LAYER_NORM_EPSILON),
            block.at("attn2"),
            heads,
            headDim);
    feedForwardNorm = LayerNorm.load(block.at("norm3"), width, LAYER_NORM_EPSILON);
    feedForward = FeedForward.load(block.at("ff"), width);
    projectOut = Linear.load(weights.at("proj_out"), width, channels);
  }

  /** Adds what projects the text for the layer; returns its number, the layer's textIndex. */
  static int addText(
      BlockList stages, UnetConfig config, Weights weights, long channels, int headDim) {
    long width = channels / headDim * headDim;
    return stages.addText(
        weights.at("transformer_blocks.0").at("attn2"),
        own -> TextAttention.projection(own, config.crossAttentionDim(), width));
  }

  /** [clips × frames, channels, height, width], same shape. */
  Tensor forward(Tensor x, ForwardContext pass) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor normed = norm.forward(x);
      Tensor tokens = projectIn.forward(TokenLayouts.tokens(normed));
      normed.close();
      selfAttention.addOverRows(tokens);
      textAttention.addTo(tokens, pass.textKeysValues().get(textIndex));
      feedForward.addTo(tokens, feedForwardNorm);
      Tensor out = TokenLayouts.image(projectOut.forward(tokens), x.size(2), x.size(3));
      out.add_(x);
      return scope.keep(out);
    }
  }
}
