package io.t2v.internal.unet3d;

import io.t2v.internal.nn.FeedForward;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * What the spatial and the temporal transformer have in common: pixels are normalised and projected
 * to tokens; attention and a feed-forward layer add to the tokens; and these, projected back, are
 * added to the pixels.
 */
final class ProjectedTransformer {
  static final double LAYER_NORM_EPSILON = 1e-5;
  private static final double GROUP_NORM_EPSILON = 1e-6;

  private final GroupNorm norm;
  private final Linear projectIn;
  private final LayerNorm feedForwardNorm;
  private final FeedForward feedForward;
  private final Linear projectOut;

  ProjectedTransformer(UnetConfig config, Weights weights, long channels, long width) {
    norm = GroupNorm.load(weights.at("norm"), channels, config.normGroups(), GROUP_NORM_EPSILON);
    projectIn = Linear.load(weights.at("proj_in"), channels, width);
    Weights block = block(weights);
    feedForwardNorm = LayerNorm.load(block.at("norm3"), width, LAYER_NORM_EPSILON);
    feedForward = FeedForward.load(block.at("ff"), width);
    projectOut = Linear.load(weights.at("proj_out"), width, channels);
  }

  /** The only block of tokens: models of this architecture have no more. */
  static Weights block(Weights transformer) {
    return transformer.at("transformer_blocks.0");
  }

  GroupNorm norm() {
    return norm;
  }

  /**
   * Computes the transformer.
   *
   * @param x [samples × frames, channels, height, width]
   * @param normed of the same shape; freed
   * @param strength factor of what is added to the pixels
   * @param attention adds to the tokens, [samples × frames, height × width, width of a token]
   * @return the shape of x
   */
  Tensor forward(Tensor x, Tensor normed, double strength, Consumer<Tensor> attention) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor tokens = projectIn.forward(TokenLayouts.tokens(normed));
      normed.close();
      attention.accept(tokens);
      feedForward.addTo(tokens, feedForwardNorm);
      Tensor pixels = TokenLayouts.tokens(x);
      Tensor out =
          strength == 1
              ? projectOut.forwardPlus(tokens, pixels)
              : projectOut.forward(tokens).mul_(new Scalar(strength)).add_(pixels);
      return scope.keep(TokenLayouts.image(out, x.size(2), x.size(3)));
    }
  }
}
