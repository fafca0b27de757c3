package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Attention as two products with a softmax between them: in bfloat16 on a CPU, where oneDNN
 * computes the products, and among few frames on a GPU.
 *
 * <p>On the CPU libtorch's fused kernel calls BLAS, which computes bfloat16 without vectors: it
 * takes 25 times as long as in float32, and that in turn twice to four times as long as this. The
 * scores of some heads and queries at a time are written out, rounded to bfloat16, and stay in the
 * CPU's caches; the softmax and the sums of both products are float32.
 */
final class ProductAttention {
  /** Scores that are written out at a time: 8 MiB. */
  private static final long CHUNK_SCORES = 4L << 20;

  private ProductAttention() {}

  /** As {@link Attention#attend}; the result is contiguous. */
  static Tensor attend(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask) {
    return attend(query, key, value, mask, CHUNK_SCORES);
  }

  static Tensor attend(
      Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, long chunkScores) {
    long batch = query.size(0);
    long heads = query.size(1);
    long queries = query.size(2);
    long keys = key.size(2);
    long dim = query.size(3);
    try (TensorScope scope = TensorScope.open()) {
      Tensor q = query.reshape(batch * heads, queries, dim);
      Tensor k = key.reshape(batch * heads, keys, dim).transpose(1, 2);
      Tensor v = value.reshape(batch * heads, keys, dim);
      Tensor masks =
          mask == null ? null : mask.expand(batch, heads, queries, keys).reshape(-1, queries, keys);
      Tensor out = torch.empty_like(q);
      long rows = Math.max(1, Math.min(queries, chunkScores / keys));
      long together = Math.max(1, chunkScores / (rows * keys));
      for (long head = 0; head < batch * heads; head += together) {
        long count = Math.min(together, batch * heads - head);
        for (long row = 0; row < queries; row += rows) {
          long length = Math.min(rows, queries - row);
          attendChunk(
              part(q, head, count, row, length),
              k.narrow(0, head, count),
              v.narrow(0, head, count),
              masks == null ? null : part(masks, head, count, row, length),
              part(out, head, count, row, length));
        }
      }
      return scope.keep(out.view(batch, heads, queries, dim));
    }
  }

  private static Tensor part(Tensor x, long head, long heads, long row, long rows) {
    return x.narrow(0, head, heads).narrow(1, row, rows);
  }

  private static void attendChunk(
      Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Tensor out) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor scores =
          torch.empty(
              new long[] {query.size(0), query.size(1), key.size(2)},
              query.options(),
              new MemoryFormatOptional());
      Scalar scale = new Scalar(1 / Math.sqrt((double) query.size(2)));
      torch.baddbmm_out(scores, scores, query, key, new Scalar(0.0), scale);
      if (mask != null) {
        scores.add_(mask);
      }
      torch.softmax_out(scores, scores, -1);
      torch.bmm_out(out, scores, value);
    }
  }
}
