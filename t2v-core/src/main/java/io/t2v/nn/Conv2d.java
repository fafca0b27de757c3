package io.t2v.nn;

import io.t2v.checkpoint.Weights;
import io.t2v.torch.PackedConv2d;
import io.t2v.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A 2-D convolution with a bias. Images are in channels-last layout, which is the fastest for every
 * kernel used here.
 */
public final class Conv2d {
  /** What a packed layer is tuned for; other sizes work as well. */
  private static final long[] TYPICAL_SIZE = {16, 0, 32, 32};

  private final Kernel kernel;

  private Conv2d(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Takes {@code weight} [out, in, kernel, kernel] and {@code bias} [out].
   *
   * @param weights of this layer
   * @param in channels of the input
   * @param out channels of the output
   * @param kernel edge of the square kernel
   * @param stride in both directions
   * @param padding zeros at each edge
   * @return the layer
   */
  public static Conv2d load(
      Weights weights, long in, long out, long kernel, long stride, long padding) {
    return load(
        weights,
        new long[] {out, in, kernel, kernel},
        new long[] {stride, stride},
        new long[] {padding, padding});
  }

  /**
   * Takes a convolution over frames, {@code weight} [out, in, 3, 1, 1]: on [batch, channels,
   * frames, pixels] it is a 2-D one with a kernel of 3 × 1, which is faster than a 3-D one.
   *
   * @param weights of this layer
   * @param in channels of the input
   * @param out channels of the output
   * @return the layer, which keeps the number of frames
   */
  public static Conv2d loadTemporal(Weights weights, long in, long out) {
    try (TensorScope scope = TensorScope.open()) {
      return of(
          weights,
          weights.raw("weight", out, in, 3, 1, 1).view(out, in, 3, 1),
          weights.raw("bias", out),
          new long[] {1, 1},
          new long[] {1, 0});
    }
  }

  private static Conv2d load(Weights weights, long[] shape, long[] stride, long[] padding) {
    try (TensorScope scope = TensorScope.open()) {
      return of(
          weights, weights.raw("weight", shape), weights.raw("bias", shape[0]), stride, padding);
    }
  }

  /**
   * Makes a layer of given parameters.
   *
   * @param weights says whether to pack, and keeps the result
   * @param weight [out, in, kernel height, kernel width]
   * @param bias [out]
   * @param stride vertical and horizontal
   * @param padding vertical and horizontal, with zeros
   * @return the layer
   */
  static Conv2d of(Weights weights, Tensor weight, Tensor bias, long[] stride, long[] padding) {
    if (weights.packed()) {
      long[] size = TYPICAL_SIZE.clone();
      size[1] = weight.size(1);
      return new Conv2d(
          new Packed(PackedConv2d.pack(weight, bias, stride, padding, size, weights.pool())));
    }
    return new Conv2d(
        new Plain(
            weights.pool().adopt(weight),
            weights.pool().adopt(new TensorOptional(bias)),
            stride,
            padding));
  }

  /**
   * Computes the convolution.
   *
   * @param x [batch, in, height, width]
   * @return [batch, out, height', width'], in channels-last layout
   */
  public Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(
          kernel
              .forward(x.contiguous(MemoryFormat.ChannelsLast))
              .contiguous(MemoryFormat.ChannelsLast));
    }
  }

  /**
   * Adds the convolution to a tensor, without memory for the convolution itself where the kernel
   * can do that.
   *
   * @param sum [batch, out, height', width'], in channels-last layout; not to be used afterwards
   * @param x [batch, in, height, width]
   * @return the sum, in channels-last layout
   */
  public Tensor addTo(Tensor sum, Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(
          kernel
              .addTo(sum, x.contiguous(MemoryFormat.ChannelsLast))
              .contiguous(MemoryFormat.ChannelsLast));
    }
  }

  private interface Kernel {
    Tensor forward(Tensor x);

    Tensor addTo(Tensor sum, Tensor x);
  }

  private record Packed(PackedConv2d layer) implements Kernel {
    @Override
    public Tensor forward(Tensor x) {
      return layer.forward(x);
    }

    @Override
    public Tensor addTo(Tensor sum, Tensor x) {
      return layer.addTo(sum, x);
    }
  }

  private static final class Plain implements Kernel {
    private static final long[] DILATION = {1, 1};

    private final Tensor weight;
    private final TensorOptional bias;
    private final long[] stride;
    private final long[] padding;

    Plain(Tensor weight, TensorOptional bias, long[] stride, long[] padding) {
      this.weight = weight;
      this.bias = bias;
      this.stride = stride;
      this.padding = padding;
    }

    @Override
    public Tensor forward(Tensor x) {
      return torch.conv2d(x, weight, bias, stride, padding, DILATION, 1);
    }

    @Override
    public Tensor addTo(Tensor sum, Tensor x) {
      return sum.add_(forward(x));
    }
  }
}
