package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A 2-D convolution with a bias, which picks the fastest {@link ConvolutionKernel} for its place in
 * the network when its weights are loaded:
 *
 * <ul>
 *   <li>{@link TorchConv2d} where weights are not packed: on a GPU, and where libtorch comes
 *       without oneDNN
 *   <li>{@link WinogradConv2d} on a CPU for wide 3 × 3 convolutions in float32 with {@link
 *       TradeOff#SPEED}
 *   <li>{@link Im2colConv2d} on a CPU for wide 3 × 3 convolutions with {@link TradeOff#MEMORY}
 *   <li>{@link PointwiseConv2d} on a CPU for convolutions of 1 × 1
 *   <li>{@link OneDnnConv2d} on a CPU for all others
 * </ul>
 *
 * <p>Features are in channels-last layout, the fastest one for each of these kernels.
 */
public final class Conv2d {
  /** With fewer channels, transforming the input costs more than the saved multiplications. */
  private static final long WIDE = 256;

  private final ConvolutionKernel kernel;
  private final LayerKind kind;
  private final long terms;

  /** weight: [out, in, kernel height, kernel width]. */
  private Conv2d(ConvolutionKernel kernel, Tensor weight) {
    this.kernel = kernel;
    kind =
        weight.size(3) > 1
            ? LayerKind.CONVOLUTION
            : weight.size(2) > 1 ? LayerKind.TEMPORAL_CONVOLUTION : LayerKind.POINTWISE_CONVOLUTION;
    terms = weight.numel() / weight.size(0);
  }

  /**
   * Loads {@code weight} [out, in, kernel, kernel] and {@code bias} [out].
   *
   * @param padding rows and columns of zeros at each edge
   */
  public static Conv2d load(
      Weights weights, long in, long out, long kernel, long stride, long padding) {
    try (TensorScope scope = TensorScope.open()) {
      return of(
          weights,
          weights.packable("weight", out, in, kernel, kernel),
          weights.packable("bias", out),
          new long[] {stride, stride},
          new long[] {padding, padding});
    }
  }

  /**
   * Loads a convolution that keeps height and width ("same" padding): {@code weight} [out, in, 3,
   * 3] and {@code bias} [out].
   */
  public static Conv2d loadSame(Weights weights, long in, long out, TradeOff tradeOff) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor weight = weights.packable("weight", out, in, 3, 3);
      Tensor bias = weights.packable("bias", out);
      if (weights.packed() && Math.min(in, out) >= WIDE) {
        if (tradeOff == TradeOff.MEMORY) {
          return new Conv2d(
              Im2colConv2d.pack(weight, bias, weights.staging(), weights.pool()), weight);
        }
        if (weights.compute().winograd()) {
          return new Conv2d(WinogradConv2d.pack(weights, weight, bias), weight);
        }
      }
      return of(weights, weight, bias, new long[] {1, 1}, new long[] {1, 1});
    }
  }

  /**
   * Loads a temporal convolution that keeps the number of frames: {@code weight} [out, in, 3, 1, 1]
   * and {@code bias} [out].
   *
   * <p>The checkpoint's kernel is 3-D, but it sees one pixel of each frame. With the pixels of a
   * frame as the width of an image, [batch, channels, frames, pixels], it is a 2-D convolution with
   * a 3 × 1 kernel: the same sums, by kernels that are faster than libtorch's 3-D ones.
   */
  public static Conv2d loadTemporal(Weights weights, long in, long out) {
    try (TensorScope scope = TensorScope.open()) {
      return of(
          weights,
          weights.packable("weight", out, in, 3, 1, 1).view(out, in, 3, 1),
          weights.packable("bias", out),
          new long[] {1, 1},
          new long[] {1, 0});
    }
  }

  /** stride and padding: vertical and horizontal. */
  private static Conv2d of(
      Weights weights, Tensor weight, Tensor bias, long[] stride, long[] padding) {
    if (weights.packed() && weight.size(2) == 1 && stride[0] == 1 && padding[0] == 0) {
      return new Conv2d(PointwiseConv2d.pack(weight, bias, weights.pool()), weight);
    }
    if (weights.packed()) {
      return new Conv2d(
          OneDnnConv2d.pack(weight, bias, stride, padding, weights.staging(), weights.pool()),
          weight);
    }
    // libtorch's CPU convolution re-orders the weight in every call, whatever its layout: a copy
    // would be wasted.
    Tensor laidOut =
        weights.compute().device().isCpu() ? weight : weight.contiguous(MemoryFormat.ChannelsLast);
    return new Conv2d(new TorchConv2d(laidOut, bias, stride, padding, weights.pool()), weight);
  }

  /** [batch, in, height, width] to [batch, out, height', width'] in channels-last layout. */
  public Tensor forward(Tensor x) {
    try (LayerEvent event = LayerEvent.begin(kind);
        TensorScope scope = TensorScope.open()) {
      Tensor out = kernel.forward(x.contiguous(MemoryFormat.ChannelsLast));
      event.withProduct(out.numel(), terms);
      return scope.keep(out.contiguous(MemoryFormat.ChannelsLast));
    }
  }

  /**
   * Returns the convolution of x plus a tensor, which stays as it is.
   *
   * @param x [batch, in, height, width]
   * @param addend [batch, out, height', width']
   * @return the sum, in channels-last layout
   */
  public Tensor forwardPlus(Tensor x, Tensor addend) {
    try (LayerEvent event = LayerEvent.begin(kind).withProduct(addend.numel(), terms);
        TensorScope scope = TensorScope.open()) {
      return scope.keep(
          kernel
              .forwardPlus(
                  x.contiguous(MemoryFormat.ChannelsLast),
                  addend.contiguous(MemoryFormat.ChannelsLast))
              .contiguous(MemoryFormat.ChannelsLast));
    }
  }

  /**
   * Adds the convolution of x to a tensor. Kernels that accumulate into their output need no memory
   * for the convolution itself.
   *
   * @param sum [batch, out, height', width'] in channels-last layout; not to be used afterwards
   * @param x [batch, in, height, width]
   * @return the sum, in channels-last layout
   */
  public Tensor addTo(Tensor sum, Tensor x) {
    try (LayerEvent event = LayerEvent.begin(kind).withProduct(sum.numel(), terms);
        TensorScope scope = TensorScope.open()) {
      return scope.keep(
          kernel
              .addTo(sum, x.contiguous(MemoryFormat.ChannelsLast))
              .contiguous(MemoryFormat.ChannelsLast));
    }
  }

  /** Whether a wide 3 × 3 convolution on a CPU may spend memory to be faster. */
  public enum TradeOff {
    /** Half the multiplications for twice the memory for weights. For layers of many pixels. */
    SPEED,
    /** Weights as large as in float32 in the file. For layers of few pixels. */
    MEMORY
  }
}
