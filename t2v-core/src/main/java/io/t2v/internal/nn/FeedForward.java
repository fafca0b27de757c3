package io.t2v.internal.nn;

import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * The feed-forward layer of a transformer block with a gated GELU: {@code out(value(x) ·
 * gelu(gate(x)))}, the reference's {@code FeedForward} with {@code geglu}.
 *
 * <p>Tokens are independent of each other, so they are computed in chunks. The intermediates, four
 * times as wide as the tokens, then stay in the CPU's caches, and each chunk reuses the memory of
 * the one before.
 *
 * @see <a href="https://arxiv.org/abs/2002.05202">GLU Variants Improve Transformer</a>
 */
public final class FeedForward {
  private static final int EXPANSION = 4;

  /** Elements of a wide intermediate for one chunk: 16 MiB of float32. */
  private static final long CHUNK_ELEMENTS = 4L << 20;

  private final Linear value;
  private final Linear gate;
  private final Linear out;
  private final long width;
  private final long chunkRows;

  private FeedForward(Linear value, Linear gate, Linear out, long width, long chunkRows) {
    this.value = value;
    this.gate = gate;
    this.out = out;
    this.width = width;
    this.chunkRows = chunkRows;
  }

  /**
   * Loads {@code net.0.proj} [2 · 4 · width, width], whose first half is the value and whose second
   * half is the gate, and {@code net.2} [width, 4 · width].
   */
  public static FeedForward load(Weights weights, long width) {
    long wide = EXPANSION * width;
    try (TensorScope scope = TensorScope.open()) {
      Weights projection = weights.at("net.0.proj");
      Tensor matrix = projection.packable("weight", 2 * wide, width);
      Tensor bias = projection.packable("bias", 2 * wide);
      return new FeedForward(
          Linear.of(weights, matrix.narrow(0, 0, wide), bias.narrow(0, 0, wide)),
          Linear.of(weights, matrix.narrow(0, wide, wide), bias.narrow(0, wide, wide)),
          Linear.load(weights.at("net.2"), wide, width),
          width,
          Math.max(1, chunkElements(weights.compute()) / width));
    }
  }

  /** Returns how many elements of the input a chunk has; its intermediates have four times more. */
  public static long chunkElements(ComputeConfig compute) {
    return compute.chunk(CHUNK_ELEMENTS) / EXPANSION;
  }

  /**
   * Computes {@code tokens += feedForward(norm(tokens))}.
   *
   * @param tokens [..., width], contiguous; overwritten and returned
   */
  public Tensor addTo(Tensor tokens, LayerNorm norm) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor rows = tokens.view(-1, width);
      Chunks.forEach(
          rows.size(0), chunkRows, (start, count) -> addChunk(rows.narrow(0, start, count), norm));
    }
    return tokens;
  }

  private void addChunk(Tensor rows, LayerNorm norm) {
    Tensor normed = norm.forward(rows);
    Tensor gated = value.forwardTimes(normed, gate.forwardGelu(normed));
    out.addTo(rows, gated);
  }
}
