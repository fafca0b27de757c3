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
    // Two products of the same size: the scores, and the sums of values.
    try (LayerEvent event =
        LayerEvent.begin(LayerKind.ATTENTION).withProduct(query.numel(), 2 * key.size(2))) {
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
}
