package io.t2v.internal.nn;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention. Query, key and value may be strided views of one projection, so
 * that splitting it into heads copies nothing.
 */
public final class Attention {
  /**
   * The most sequences, counted once a head, that a device attends to in one call. libtorch's
   * kernels for CUDA take the batch as a dimension of their grid that ends there, and fail beyond.
   *
   * @see <a href="https://github.com/pytorch/pytorch/issues/142228">PyTorch issue 142228</a>
   */
  public static final long MOST_SEQUENCES = (1 << 16) - 1;

  private Attention() {}

  /**
   * Computes {@code softmax(query · keyᵀ / √headDim + mask) · value}.
   *
   * @param query [batch, heads, queries, headDim]; only the last dimension has to be contiguous
   * @param key [batch, heads, keys, headDim], likewise
   * @param value [batch, heads, keys, headDim], likewise
   * @param mask [batch or 1, heads or 1, queries, keys]; null for none
   * @return [batch, heads, queries, headDim]; libtorch's fused kernel lays it out as [batch,
   *     queries, heads, headDim], so that merging the heads again copies nothing either
   */
  public static Tensor attend(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask) {
    try (LayerEvent event = event(query, key)) {
      if (query.is_cpu() && query.scalar_type().intern() == ScalarType.BFloat16) {
        return ProductAttention.attend(query, key, value, mask);
      }
      return torch.scaled_dot_product_attention(
          query,
          key,
          value,
          mask == null ? new TensorOptional() : new TensorOptional(mask),
          0.0,
          false,
          new DoubleOptional(),
          false);
    }
  }

  /**
   * As {@link #attend} without a mask, by two batched products with a softmax between them.
   *
   * <p>For sequences so short that the tiles of a fused kernel stay mostly empty: the scores, which
   * it saves writing out, are then fewer than the queries. Nothing is copied if batch and heads can
   * be viewed as one dimension, which three projections of their own allow and views of one do not.
   *
   * <p>Experimental: not seen on a GPU, for which it was written.
   *
   * @return [batch, heads, queries, headDim], with the strides of the query if it has no gaps
   */
  public static Tensor attendByProducts(Tensor query, Tensor key, Tensor value) {
    try (LayerEvent event = event(query, key)) {
      return ProductAttention.attend(query, key, value, null, Long.MAX_VALUE);
    }
  }

  /** Two products of the same size: the scores, and the sums of values. */
  private static LayerEvent event(Tensor query, Tensor key) {
    return LayerEvent.begin(LayerKind.ATTENTION).withProduct(query.numel(), 2 * key.size(2));
  }
}
