package io.t2v.nn;

import io.t2v.torch.NativePool;
import io.t2v.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;

/** libtorch's convolution with a weight in eight bits, which is widened for each use. */
final class QuantizedConv2d implements ConvolutionKernel {
  private final QuantizedWeight weight;
  private final Tensor bias;
  private final long[] stride;
  private final long[] padding;

  QuantizedConv2d(Tensor weight, Tensor bias, long[] stride, long[] padding, NativePool pool) {
    this.weight = QuantizedWeight.of(weight, pool);
    this.bias = pool.adopt(bias);
    this.stride = stride;
    this.padding = padding;
  }

  @Override
  public Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open();
        NativePool use = new NativePool()) {
      Tensor wide = weight.widened(x.scalar_type());
      return scope.keep(new PlainConv2d(wide, bias, stride, padding, use).forward(x));
    }
  }
}
