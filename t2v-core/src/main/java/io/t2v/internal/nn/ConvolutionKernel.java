package io.t2v.internal.nn;

import org.bytedeco.pytorch.Tensor;

/** One way to compute a convolution. Takes and returns images in channels-last layout. */
interface ConvolutionKernel {
  /** [batch, in, height, width] to [batch, out, height', width']. */
  Tensor forward(Tensor x);

  /** Adds the convolution of x; returns the sum, usually in the memory of the first argument. */
  default Tensor addTo(Tensor sum, Tensor x) {
    return sum.add_(forward(x));
  }
}
