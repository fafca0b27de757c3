package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Attention;
import io.t2v.internal.nn.Chunks;
import io.t2v.internal.nn.LayerNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention of tokens to the text, added to the tokens.
 *
 * <p>Keys and values depend on the text alone, so they are projected once when the denoiser is
 * bound to it. The reference projects them anew for every frame in every step.
 */
record TextAttention(LayerNorm norm, Linear query, Linear out, Heads heads, long chunkTokens) {
  /** Elements of the queries of a chunk: 16 MiB of float32. */
  static final long CHUNK_ELEMENTS = 4L << 20;

  /** Loads {@code norm<index>} and {@code attn<index>} of a transformer block. */
  static TextAttention load(Weights block, String index, Heads heads) {
    long width = heads.width();
    Weights attention = block.at("attn" + index);
    return new TextAttention(
        LayerNorm.load(block.at("norm" + index), width, ProjectedTransformer.LAYER_NORM_EPSILON),
        Linear.loadWithoutBias(attention.at("to_q"), width, width),
        Linear.load(attention.at("to_out.0"), width, width),
        heads,
        Math.max(1, attention.compute().chunk(CHUNK_ELEMENTS) / width));
  }

  /** [samples, tokens, text width] to keys, then values, [samples, tokens, 2 · heads' width]. */
  static Linear projection(Weights weights, long textWidth, Heads heads) {
    return Linear.fused(weights, textWidth, heads.width(), false, "to_k", "to_v");
  }

  /**
   * Adds to the tokens of each sample, or of each frame, what they attend to in its text.
   *
   * @param tokens [samples × frames, tokens, width]; overwritten
   * @param keysValues the {@link #projection} of the text of each sample, or of each frame
   */
  void addTo(Tensor tokens, Tensor keysValues) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor split = keysValues.view(-1, keysValues.size(-2), 2, heads.count(), heads.dim());
      long texts = split.size(0);
      Tensor byText = tokens.view(texts, -1, heads.width());
      for (long i = 0; i < texts; i++) {
        Tensor text = split.narrow(0, i, 1);
        Tensor keys = text.select(2, 0).transpose(1, 2);
        Tensor values = text.select(2, 1).transpose(1, 2);
        Tensor rows = byText.narrow(0, i, 1);
        Chunks.forEach(
            rows.size(1),
            chunkTokens,
            (start, count) -> addTo(rows.narrow(1, start, count), keys, values));
      }
    }
  }

  private void addTo(Tensor rows, Tensor keys, Tensor values) {
    Tensor queries =
        query
            .forward(norm.forward(rows))
            .view(1, rows.size(1), heads.count(), heads.dim())
            .transpose(1, 2);
    Tensor attended = Attention.attend(queries, keys, values, null);
    Tensor merged = attended.transpose(1, 2).reshape(1, rows.size(1), heads.width());
    out.addTo(rows, merged);
  }
}
