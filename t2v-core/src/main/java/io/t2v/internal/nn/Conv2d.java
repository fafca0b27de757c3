package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A 2-D convolution with a bias. Images are in channels-last layout, which is the fastest for every
 * kernel used here.
 */
public final class Conv2d {
  /** With fewer channels, rearranging the input costs more time than it saves in products. */
  private static final long WIDE = 256;

  private final ConvolutionKernel kernel;

  private Conv2d(ConvolutionKernel kernel) {
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
    try (TensorScope scope = TensorScope.open()) {
      return of(
          weights,
          weights.raw("weight", out, in, kernel, kernel),
          weights.raw("bias", out),
          new long[] {stride, stride},
          new long[] {padding, padding});
    }
  }

  /**
   * Takes a convolution that keeps the size of the image, {@code weight} [out, in, 3, 3] and {@code
   * bias} [out].
   *
   * @param weights of this layer
   * @param in channels of the input
   * @param out channels of the output
   * @param tradeOff whether its weights may take more memory than in the file
   * @return the layer
   */
  public static Conv2d loadSame(Weights weights, long in, long out, TradeOff tradeOff) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor weight = weights.raw("weight", out, in, 3, 3);
      Tensor bias = weights.raw("bias", out);
      if (!weights.packed() || Math.min(in, out) < WIDE) {
        return of(weights, weight, bias, new long[] {1, 1}, new long[] {1, 1});
      }
      return new Conv2d(
          switch (tradeOff) {
            case SPEED -> WinogradConv2d.pack(weight, bias, weights.pool());
            case MEMORY -> Im2colConv2d.pack(weight, bias, weights.pool());
          });
    }
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
  public static Conv2d of(
      Weights weights, Tensor weight, Tensor bias, long[] stride, long[] padding) {
    if (weights.packed()) {
      return new Conv2d(DirectConv2d.pack(weight, bias, stride, padding, weights.pool()));
    }
    // A processor's convolution re-orders its weight in any case: no copy is made of what was
    // read.
    Tensor laidOut =
        weights.compute().device().isCpu() ? weight : weight.contiguous(MemoryFormat.ChannelsLast);
    return new Conv2d(new PlainConv2d(laidOut, bias, stride, padding, weights.pool()));
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

  /** What a layer may spend to be faster. */
  public enum TradeOff {
    /** Twice the memory for weights, for half the products. For layers that see many pixels. */
    SPEED,
    /** No more memory than the weights take in the file. For small images. */
    MEMORY
  }
}
