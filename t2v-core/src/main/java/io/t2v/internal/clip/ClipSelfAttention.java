package io.t2v.internal.clip;

import io.t2v.internal.nn.Attention;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Self-attention of tokens.
 *
 * <p>Query, key and value are three products instead of one, since fusing their weights would copy
 * them.
 */
final class ClipSelfAttention {
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear out;
  private final long heads;
  private final long headDim;

  ClipSelfAttention(ClipTextConfig config, Weights weights) {
    int width = config.width();
    heads = config.heads();
    headDim = config.headDim();
    query = Linear.load(weights.at("q_proj"), width, width);
    key = Linear.load(weights.at("k_proj"), width, width);
    value = Linear.load(weights.at("v_proj"), width, width);
    out = Linear.load(weights.at("out_proj"), width, width);
  }

  /**
   * [texts, tokens, width] to the same shape.
   *
   * @param mask [texts or 1, 1, tokens, tokens], added to the scores
   */
  Tensor forward(Tensor tokens, Tensor mask) {
    Tensor attended =
        Attention.attend(
            split(query.forward(tokens)),
            split(key.forward(tokens)),
            split(value.forward(tokens)),
            mask);
    return out.forward(
        attended.permute(0, 2, 1, 3).reshape(tokens.size(0), tokens.size(1), heads * headDim));
  }

  private Tensor split(Tensor projected) {
    return projected.view(projected.size(0), projected.size(1), heads, headDim).permute(0, 2, 1, 3);
  }
}
