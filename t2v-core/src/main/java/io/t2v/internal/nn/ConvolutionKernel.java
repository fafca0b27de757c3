package io.t2v.internal.nn;

import org.bytedeco.pytorch.Tensor;

/** One way to compute a convolution with a bias. Input and output are in channels-last layout. */
interface ConvolutionKernel {
  /** [batch, in, height, width] to [batch, out, height', width']. */
  Tensor forward(Tensor x);

  /** The convolution of x plus a tensor, which stays as it is. */
  default Tensor forwardPlus(Tensor x, Tensor addend) {
    return forward(x).add_(addend);
  }

  /** Adds the convolution of x to sum, and returns the sum: usually, but not always, in place. */
  default Tensor addTo(Tensor sum, Tensor x) {
    return sum.add_(forward(x));
  }
}
