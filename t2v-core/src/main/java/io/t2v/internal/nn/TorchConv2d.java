package io.t2v.internal.nn;

import io.t2v.internal.torch.NativePool;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's own convolution, which uses the weight as it is: on a GPU, and on a CPU where weights
 * are not packed.
 */
final class TorchConv2d implements ConvolutionKernel {
  private static final long[] DILATION = {1, 1};

  private final Tensor weight;
  private final TensorOptional bias;
  private final long[] stride;
  private final long[] padding;

  TorchConv2d(Tensor weight, Tensor bias, long[] stride, long[] padding, NativePool pool) {
    this.weight = pool.adopt(weight);
    this.bias = pool.adopt(new TensorOptional(pool.adopt(bias)));
    this.stride = stride;
    this.padding = padding;
  }

  @Override
  public Tensor forward(Tensor x) {
    return torch.conv2d(x, weight, bias, stride, padding, DILATION, 1);
  }
}
