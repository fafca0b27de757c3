package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Attention;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention of tokens to the text, added to the tokens. The text's keys and values are projected
 * once for a generation: the reference does it for every frame, in every step.
 */
final class TextAttention {
  /** Elements of queries that are alive at once: 16 MiB of float32. */
  private static final long CHUNK_ELEMENTS = 4L << 20;

  private final LayerNorm norm;
  private final Linear query;
  private final Linear out;
  private final long heads;
  private final long headDim;
  private final long chunkRows;

  TextAttention(LayerNorm norm, Weights weights, long heads, long headDim) {
    long width = heads * headDim;
    this.norm = norm;
    this.heads = heads;
    this.headDim = headDim;
    query = Linear.loadWithoutBias(weights.at("to_q"), width, width);
    out = Linear.load(weights.at("to_out.0"), width, width);
    chunkRows = Math.max(1, weights.compute().chunk(CHUNK_ELEMENTS) / width);
  }

  /** From [clips, text tokens, text width] to keys and values, [clips, text tokens, 2 · width]. */
  static Linear projection(Weights weights, long textWidth, long width) {
    return Linear.fused(weights, textWidth, width, false, "to_k", "to_v");
  }

  /**
   * Lets the tokens of each clip, or of each frame, attend to its text.
   *
   * @param tokens [clips × frames, tokens, width]; overwritten
   * @param keysValues the text of each clip, or of each frame, through its {@link #projection}
   */
  void addTo(Tensor tokens, Tensor keysValues) {
    long texts = keysValues.size(0);
    try (TensorScope scope = TensorScope.open()) {
      Tensor byText = tokens.view(texts, -1, heads * headDim);
      Tensor split = keysValues.view(texts, keysValues.size(1), 2, heads, headDim);
      for (long i = 0; i < texts; i++) {
        Tensor text = split.narrow(0, i, 1);
        Tensor keys = text.select(2, 0).transpose(1, 2);
        Tensor values = text.select(2, 1).transpose(1, 2);
        Tensor rows = byText.narrow(0, i, 1);
        for (long start = 0; start < rows.size(1); start += chunkRows) {
          addTo(rows.narrow(1, start, Math.min(chunkRows, rows.size(1) - start)), keys, values);
        }
      }
    }
  }

  private void addTo(Tensor rows, Tensor keys, Tensor values) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor queries =
          query.forward(norm.forward(rows)).view(1, rows.size(1), heads, headDim).transpose(1, 2);
      Tensor attended = Attention.attend(queries, keys, values, null);
      rows.add_(out.forward(attended.transpose(1, 2).reshape(1, rows.size(1), heads * headDim)));
    }
  }
}
