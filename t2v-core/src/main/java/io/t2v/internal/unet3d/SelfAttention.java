package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Attention;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Self-attention, added to the tokens. Sequences are independent of each other, so they are
 * computed in chunks, whose intermediates are small and reuse the same memory.
 */
final class SelfAttention {
  /** Elements of the queries, keys and values of a chunk: 24 MiB of float32. */
  private static final long CHUNK_ELEMENTS = 6L << 20;

  private final LayerNorm norm;
  private final Linear queryKeyValue;
  private final Linear out;
  private final Heads heads;
  private final long chunkTokens;

  /** Loads {@code norm<index>} and {@code attn<index>} of a transformer block. */
  SelfAttention(Weights block, String index, Heads heads) {
    long width = heads.width();
    this.heads = heads;
    norm = LayerNorm.load(block.at("norm" + index), width, ProjectedTransformer.LAYER_NORM_EPSILON);
    Weights weights = block.at("attn" + index);
    queryKeyValue = Linear.fused(weights, width, width, false, "to_q", "to_k", "to_v");
    out = Linear.load(weights.at("to_out.0"), width, width);
    chunkTokens = weights.compute().chunk(CHUNK_ELEMENTS) / (3 * width);
  }

  /** tokens: [rows, tokens, width], those of a row attend to each other; overwritten. */
  void addOverRows(Tensor tokens) {
    long chunk = Math.max(1, chunkTokens / tokens.size(1));
    for (long start = 0; start < tokens.size(0); start += chunk) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor rows = tokens.narrow(0, start, Math.min(chunk, tokens.size(0) - start));
        addTo(rows, 0, 2, 1, 3);
      }
    }
  }

  /** tokens: [tokens, columns, width], those of a column attend to each other; overwritten. */
  void addOverColumns(Tensor tokens) {
    long chunk = Math.max(1, chunkTokens / tokens.size(0));
    for (long start = 0; start < tokens.size(1); start += chunk) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor columns = tokens.narrow(1, start, Math.min(chunk, tokens.size(1) - start));
        addTo(columns, 1, 2, 0, 3);
      }
    }
  }

  /** order: which of [first, second, heads, headDim] are [batch, heads, tokens, headDim]. */
  private void addTo(Tensor tokens, long... order) {
    long first = tokens.size(0);
    long second = tokens.size(1);
    Tensor projected =
        queryKeyValue
            .forward(norm.forward(tokens))
            .view(first, second, 3, heads.count(), heads.dim());
    Tensor attended =
        Attention.attend(
            projected.select(2, 0).permute(order),
            projected.select(2, 1).permute(order),
            projected.select(2, 2).permute(order),
            null);
    Tensor merged = attended.permute(inverse(order)).reshape(first, second, heads.width());
    tokens.copy_(out.forwardPlus(merged, tokens));
  }

  private static long[] inverse(long[] order) {
    long[] inverse = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[(int) order[i]] = i;
    }
    return inverse;
  }
}
