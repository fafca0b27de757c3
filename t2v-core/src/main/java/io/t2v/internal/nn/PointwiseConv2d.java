package io.t2v.internal.nn;

import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.PackedLinear;
import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolution of 1 × 1 pixels as what it is: a linear layer on each pixel.
 *
 * <p>In channels-last layout the pixels are the rows of a matrix, so nothing is copied. oneDNN's
 * convolution takes three times (float32) to ten times (bfloat16) as long for the wide shortcuts of
 * the up path.
 */
record PointwiseConv2d(PackedLinear product) implements ConvolutionKernel {
  /** Rows that oneDNN picks the matrix's layout for; others work as well. */
  private static final long TYPICAL_ROWS = 2048;

  /** weight: [out, in, 1, 1]. */
  static PointwiseConv2d pack(Tensor weight, Tensor bias, NativePool pool) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor matrix = weight.view(weight.size(0), weight.size(1));
      return new PointwiseConv2d(PackedLinear.pack(matrix, bias, TYPICAL_ROWS, pool));
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(product.forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2));
    }
  }
}
