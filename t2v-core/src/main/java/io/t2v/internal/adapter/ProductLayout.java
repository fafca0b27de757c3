package io.t2v.internal.adapter;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * How the product of two factors becomes what is added to a weight. In all but one layout the
 * product is added where the weight lies, by one matrix product, and never stored itself.
 */
enum ProductLayout {
  /**
   * [out, in ...] as PEFT and cloneofsimo write it: out rows, and what belongs to one output as
   * columns. A linear layer's weight, and a kernel of any number of dimensions.
   */
  ROWS {
    @Override
    void add(Tensor weight, Tensor up, Tensor down, double scale) {
      weight.view(up.size(0), down.size(1)).addmm_(up, down, new Scalar(1.0), new Scalar(scale));
    }
  },
  /** A table [tokens, width] of an embedding, whose factors are those of its transpose. */
  TRANSPOSED {
    @Override
    void add(Tensor weight, Tensor up, Tensor down, double scale) {
      weight.addmm_(down.t(), up.t(), new Scalar(1.0), new Scalar(scale));
    }
  },
  /**
   * stable_lora's kernels over frames, [out, in, k, 1, 1]: the product has k times as many numbers
   * as the kernel, and each k of them are averaged.
   */
  MEAN {
    @Override
    void add(Tensor weight, Tensor up, Tensor down, double scale) {
      Tensor product = up.mm(down).view(weight.numel(), -1);
      weight.view(weight.numel()).add_(product.mean(1), new Scalar(scale));
    }
  };

  /**
   * Adds scale · up · down to a weight.
   *
   * @param weight changed in place
   * @param up [rows, rank]
   * @param down [rank, columns]
   */
  abstract void add(Tensor weight, Tensor up, Tensor down, double scale);
}
