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
   * Takes a convolution over frames, {@code weight} [out, in, 3, 1, 1]: on [batch, channels, frames,
   * pixels] it is a 2-D one with a kernel of 3 × 1, which is faster than a 3-D one.
   *
   * @param weights of this layer
   * @param in channels of the input
   * @param out channels of the output
   * @return the layer, which keeps the number of frames
   */
  public static Conv2d loadTemporal(Weights weights, long in, long out) {
    return load(weights, new long[] {out, in, 3, 1}, new long[] {1, 1}, new long[] {1, 0});
  }

  private static Conv2d load(Weights weights, long[] shape, long[] stride, long[] padding) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor weight = weights.raw("weight", shape);
      Tensor bias = weights.raw("bias", shape[0]);
      if (weights.packed()) {
        long[] size = TYPICAL_SIZE.clone();
        size[1] = shape[1];
        return new Conv2d(
            PackedConv2d.pack(weight, bias, stride, padding, size, weights.pool())::forward);
      }
      Tensor keptWeight = weights.pool().adopt(weight);
      TensorOptional keptBias = weights.pool().adopt(new TensorOptional(bias));
      long[] dilation = {1, 1};
      return new Conv2d(
          x -> torch.conv2d(x, keptWeight, keptBias, stride, padding, dilation, 1));
    }
  }

  /**
   * Computes the convolution.
   *
   * @param x [batch, in, height, width]
   * @return [batch, out, height', width'], in channels-last layout
   */
  public Tensor forward(Tensor x) {
    return kernel.forward(x.contiguous(MemoryFormat.ChannelsLast))
        .contiguous(MemoryFormat.ChannelsLast);
  }

  private interface Kernel {
    Tensor forward(Tensor x);
  }
}
