package io.t2v.internal.clip;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/** A pre-norm transformer layer: self-attention, then a feed-forward layer. */
final class ClipTextLayer {
  private final LayerNorm attentionNorm;
  private final ClipSelfAttention attention;
  private final LayerNorm feedForwardNorm;
  private final Linear widen;
  private final Activation activation;
  private final Linear narrow;

  ClipTextLayer(ClipTextConfig config, Weights weights) {
    attentionNorm = LayerNorm.load(weights.at("layer_norm1"), config.width(), config.normEpsilon());
    attention = new ClipSelfAttention(config, weights.at("self_attn"));
    feedForwardNorm =
        LayerNorm.load(weights.at("layer_norm2"), config.width(), config.normEpsilon());
    widen = Linear.load(weights.at("mlp.fc1"), config.width(), config.feedForwardWidth());
    activation = config.activation();
    narrow = Linear.load(weights.at("mlp.fc2"), config.feedForwardWidth(), config.width());
  }

  /**
   * Adds self-attention and feed-forward layer to the tokens.
   *
   * @param tokens [texts, tokens, width]; overwritten
   * @param mask [texts or 1, 1, tokens, tokens], added to the scores
   */
  void addTo(Tensor tokens, Tensor mask) {
    try (TensorScope scope = TensorScope.open()) {
      tokens.add_(attention.forward(attentionNorm.forward(tokens), mask));
      Tensor wide = activation.applyInPlace(widen.forward(feedForwardNorm.forward(tokens)));
      tokens.add_(narrow.forward(wide));
    }
  }
}
