package io.t2v.internal.nn;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Scaled dot-product attention on views of projected tokens: nothing is copied to split heads. */
public final class Attention {
  private Attention() {}

  /**
   * Attends.
   *
   * @param query [batch, heads, queries, head width], any strides but for the last dimension
   * @param key [batch, heads, keys, head width], likewise
   * @param value [batch, heads, keys, head width], likewise
   * @param mask added to the scores, [batch or 1, heads or 1, queries, keys]; null for none
   * @return [batch, heads, queries, head width], laid out as [batch, queries, heads, head width]
   *     where libtorch's fused kernel serves
   */
  public static Tensor attend(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask) {
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
