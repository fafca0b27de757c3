package io.t2v.internal.nn;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * Doubles height and width and convolves in one step: the same result up to rounding for a quarter
 * of the multiplications, and without the enlarged image, which has four times as many pixels.
 *
 * <p>Repeated pixels are equal, so that taps of the kernel that meet the same pixel can be summed
 * beforehand. In one dimension, with taps (a, b, c) and pixels x, the two outputs at pixel t are
 *
 * <pre>
 *   a·x[t-1] + (b + c)·x[t]  =  (a + b + c)·x[t]  -  a·(x[t] - x[t-1])
 *   (a + b)·x[t] + c·x[t+1]  =  (a + b + c)·x[t]  +  c·(x[t+1] - x[t])
 * </pre>
 *
 * <p>Both outputs share the product with the sum of all taps: three multiplications for each pixel
 * instead of six, and in two dimensions nine instead of 36.
 *
 * <p>The price is rounding (differences of close pixels lose digits) and memory for the differences
 * and their products, which is why images are computed in bands. The nine matrices take as much
 * memory as the kernel.
 */
final class DifferenceUpsample implements UpsampleConv2d {
  /** Input elements of a band: 4 MiB of float32; its intermediates take ten times as much. */
  private static final long BAND_ELEMENTS = 1L << 20;

  /** Of a pixel: the sum of all taps. */
  private final Linear pixel;

  /** Of a horizontal difference: what it adds to even columns, then to odd ones. */
  private final Linear horizontal;

  /** Of a vertical difference: what it adds to even rows, then to odd ones. */
  private final Linear vertical;

  /** Of a difference of differences: even row and column, even row and odd column, and so on. */
  private final Linear diagonal;

  private final long bandElements;

  private DifferenceUpsample(Weights weights, Tensor kernel, Tensor bias, long bandElements) {
    // The largest first: the others use its memory again.
    diagonal =
        linear(
            weights,
            kernel,
            null,
            List.of(
                new Taps(Combination.EVEN, Combination.EVEN),
                new Taps(Combination.EVEN, Combination.ODD),
                new Taps(Combination.ODD, Combination.EVEN),
                new Taps(Combination.ODD, Combination.ODD)));
    vertical =
        linear(
            weights,
            kernel,
            null,
            List.of(
                new Taps(Combination.EVEN, Combination.SUM),
                new Taps(Combination.ODD, Combination.SUM)));
    horizontal =
        linear(
            weights,
            kernel,
            null,
            List.of(
                new Taps(Combination.SUM, Combination.EVEN),
                new Taps(Combination.SUM, Combination.ODD)));
    pixel = linear(weights, kernel, bias, List.of(new Taps(Combination.SUM, Combination.SUM)));
    this.bandElements = bandElements;
  }

  /** Which combination of a kernel's taps, in both dimensions. */
  private record Taps(Combination rows, Combination columns) {}

  /** A combination of three taps (a, b, c) in one dimension. */
  private enum Combination {
    /** a + b + c, for the pixel. */
    SUM,
    /** -a, for the difference of even outputs. */
    EVEN,
    /** c, for the difference of odd outputs. */
    ODD;

    /** Writes the combination of the taps that lie along the third dimension of a kernel. */
    void apply(Tensor kernel, Tensor out) {
      switch (this) {
        case SUM -> torch.sum_out(out, kernel, 2);
        case EVEN -> torch.neg_out(out, kernel.select(2, 0));
        case ODD -> out.copy_(kernel.select(2, 2));
      }
    }
  }

  /** The matrices of several combinations, one below the other. */
  private static Linear linear(
      Weights weights, Tensor kernel, @Nullable Tensor bias, List<Taps> combinations) {
    try (TensorScope scope = TensorScope.open()) {
      StagingMemory memory = weights.staging();
      long out = kernel.size(0);
      long in = kernel.size(1);
      Tensor matrix = memory.like(kernel, combinations.size() * out, in);
      Tensor columns = memory.like(kernel, out, in, kernel.size(3));
      for (int i = 0; i < combinations.size(); i++) {
        combinations.get(i).rows.apply(kernel, columns);
        combinations.get(i).columns.apply(columns, matrix.narrow(0, i * out, out));
      }
      return Linear.of(weights, matrix, bias);
    }
  }

  static DifferenceUpsample load(Weights weights, long channels) {
    return load(weights, channels, weights.compute().chunk(BAND_ELEMENTS));
  }

  static DifferenceUpsample load(Weights weights, long channels, long bandElements) {
    try (TensorScope scope = TensorScope.open()) {
      return new DifferenceUpsample(
          weights,
          weights.raw("weight", channels, channels, 3, 3),
          weights.packable("bias", channels),
          bandElements);
    }
  }

  @Override
  public Tensor forward(Tensor x, long outHeight, long outWidth) {
    checkArgument(
        (outHeight + 1) / 2 == x.size(2) && (outWidth + 1) / 2 == x.size(3),
        "%s x %s cannot be enlarged to %s x %s",
        x.size(2),
        x.size(3),
        outHeight,
        outWidth);
    try (LayerEvent event = LayerEvent.begin(LayerKind.UPSAMPLING);
        TensorScope scope = TensorScope.open()) {
      Tensor pixels = x.contiguous(MemoryFormat.ChannelsLast).permute(0, 2, 3, 1);
      Tensor out =
          torch.empty(
              new long[] {x.size(0), outHeight, outWidth, x.size(1)},
              x.options(),
              new MemoryFormatOptional());
      long rowElements = x.size(3) * x.size(1);
      RowBands.forEach(pixels, out, bandElements, rowElements, 0, this::forwardBand);
      return scope.keep(out.permute(0, 3, 1, 2));
    }
  }

  private void forwardBand(Tensor pixels, Tensor out, long row, long rows) {
    try (TensorScope scope = TensorScope.open()) {
      long columns = pixels.size(2);
      Tensor padded = RowBands.withHalo(pixels, row, rows, 1);
      Tensor own = padded.narrow(1, 1, rows);
      Tensor across = differences(padded, 2);
      Tensor target = out.narrow(1, 2 * row, Math.min(2 * rows, out.size(1) - 2 * row));
      long width = target.size(2);

      Tensor sums = pixel.forward(own.narrow(2, 1, columns).contiguous());
      Tensor[] edges = split(horizontal.forward(across.narrow(1, 1, rows).contiguous()), 2);
      Tensor middle = interleave(sums, edges[0], edges[1], 2, width);

      Tensor[] down = split(vertical.forward(differences(padded.narrow(2, 1, columns), 1)), 2);
      Tensor[] corners = split(diagonal.forward(differences(across, 1)), 4);
      Tensor even = interleave(down[0], corners[0], corners[1], 2, width);
      Tensor odd = interleave(down[1], corners[2], corners[3], 2, width);
      interleave(target, middle, even, odd, 1);
    }
  }

  private static Tensor differences(Tensor x, int dimension) {
    long length = x.size(dimension) - 1;
    return x.narrow(dimension, 1, length).sub(x.narrow(dimension, 0, length));
  }

  private static Tensor[] split(Tensor x, int parts) {
    long width = x.size(3) / parts;
    Tensor[] split = new Tensor[parts];
    for (int i = 0; i < parts; i++) {
      split[i] = x.narrow(3, i * width, width);
    }
    return split;
  }

  private static Tensor interleave(
      Tensor sums, Tensor even, Tensor odd, int dimension, long length) {
    long[] shape = {sums.size(0), sums.size(1), sums.size(2), sums.size(3)};
    shape[dimension] = length;
    Tensor out = torch.empty(shape, sums.options(), new MemoryFormatOptional());
    interleave(out, sums, even, odd, dimension);
    return out;
  }

  /**
   * Writes sum + even difference to even indices, and sum + odd difference to odd ones. There is
   * one more difference than there are sums: even outputs take the one before, odd ones the one
   * behind.
   */
  private static void interleave(Tensor out, Tensor sums, Tensor even, Tensor odd, int dimension) {
    long count = sums.size(dimension);
    long oddCount = out.size(dimension) / 2;
    Tensor evens = every(out, dimension, 0, count);
    torch.add_out(evens, sums, even.narrow(dimension, 0, count), new Scalar(1));
    torch.add_out(
        every(out, dimension, 1, oddCount),
        sums.narrow(dimension, 0, oddCount),
        odd.narrow(dimension, 1, oddCount),
        new Scalar(1));
    if (oddCount < count) {
      // An odd length ends at an even output, whose last tap sees the zero padding.
      evens.narrow(dimension, oddCount, 1).add_(odd.narrow(dimension, count, 1));
    }
  }

  /** Every second index from the first one on. */
  private static Tensor every(Tensor x, int dimension, long first, long count) {
    return x.slice(dimension, new LongOptional(first), new LongOptional(first + 2 * count - 1), 2);
  }
}
