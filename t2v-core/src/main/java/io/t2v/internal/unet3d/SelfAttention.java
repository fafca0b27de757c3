package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Attention;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Self-attention of tokens, added to them. Sequences are independent, so they are taken in chunks
 * that keep the intermediates small.
 */
final class SelfAttention {
  /** Elements of queries, keys and values that are alive at once: 24 MiB of float32. */
  private static final long CHUNK_ELEMENTS = 6L << 20;

  private final LayerNorm norm;
  private final Linear queryKeyValue;
  private final Linear out;
  private final long heads;
  private final long headDim;
  private final long chunkElements;

  SelfAttention(LayerNorm norm, Weights weights, long heads, long headDim) {
    long width = heads * headDim;
    this.norm = norm;
    this.heads = heads;
    this.headDim = headDim;
    queryKeyValue = Linear.fused(weights, width, width, false, "to_q", "to_k", "to_v");
    out = Linear.load(weights.at("to_out.0"), width, width);
    chunkElements = weights.compute().chunk(CHUNK_ELEMENTS);
  }

  /**
   * Lets the tokens of each row attend to each other.
   *
   * @param tokens [rows, tokens, width]; overwritten
   */
  void addOverRows(Tensor tokens) {
    long chunk = chunk(tokens.size(1));
    for (long start = 0; start < tokens.size(0); start += chunk) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor rows = tokens.narrow(0, start, Math.min(chunk, tokens.size(0) - start));
        addTo(rows, 0, 2, 1, 3);
      }
    }
  }

  /**
   * Lets the tokens of each column attend to each other.
   *
   * @param tokens [tokens, columns, width]; overwritten
   */
  void addOverColumns(Tensor tokens) {
    long chunk = chunk(tokens.size(0));
    for (long start = 0; start < tokens.size(1); start += chunk) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor columns = tokens.narrow(1, start, Math.min(chunk, tokens.size(1) - start));
        addTo(columns, 1, 2, 0, 3);
      }
    }
  }

  private long chunk(long length) {
    return Math.max(1, chunkElements / (3 * heads * headDim * length));
  }

  /** order: where the split dimensions [first, second, heads, head] go for attention. */
  private void addTo(Tensor tokens, long... order) {
    long first = tokens.size(0);
    long second = tokens.size(1);
    Tensor projected =
        queryKeyValue.forward(norm.forward(tokens)).view(first, second, 3, heads, headDim);
    Tensor attended =
        Attention.attend(
            projected.select(2, 0).permute(order),
            projected.select(2, 1).permute(order),
            projected.select(2, 2).permute(order),
            null);
    Tensor merged = attended.permute(inverse(order)).reshape(first, second, heads * headDim);
    tokens.add_(out.forward(merged));
  }

  private static long[] inverse(long[] order) {
    long[] inverse = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[(int) order[i]] = i;
    }
    return inverse;
  }
}
