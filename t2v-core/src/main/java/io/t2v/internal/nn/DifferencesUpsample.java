package io.t2v.internal.nn;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Doubles height and width by repeating pixels, then convolves with a kernel of 3 × 3: the same
 * result up to rounding, for a quarter of the products, and without the large image in between.
 *
 * <p>In one dimension, with taps (a, b, c) and pixels x, the two outputs at pixel t are
 *
 * <pre>
 *   a·x[t-1] + (b + c)·x[t]  =  (a + b + c)·x[t]  -  a·(x[t] - x[t-1])
 *   (a + b)·x[t] + c·x[t+1]  =  (a + b + c)·x[t]  +  c·(x[t+1] - x[t])
 * </pre>
 *
 * <p>which is one product of the pixel and two of the differences between pixels, instead of six
 * products. In two dimensions it is nine instead of 36.
 */
final class DifferencesUpsample implements UpsampleConv2d {
  /** Numbers of the input that are worked on at once: 4 MiB of float32; the rest is ten times. */
  private static final long BAND_ELEMENTS = 1L << 20;

  /** From the pixels: the sum of all taps. */
  private final Linear plain;

  /** From horizontal differences, for the sum of the rows: what is added at even, odd places. */
  private final Linear acrossColumns;

  /** From vertical differences, for the sum of the columns: what is added at even, odd places. */
  private final Linear acrossRows;

  /**
   * From differences in both: at even rows and columns, at even rows and odd columns, and so on.
   */
  private final Linear acrossBoth;

  private final long bandElements;

  private DifferencesUpsample(Weights weights, Tensor kernel, Tensor bias, long bandElements) {
    Tensor[] rows = parts(kernel, 2);
    Tensor[] even = parts(rows[1], 2);
    Tensor[] odd = parts(rows[2], 2);
    Tensor[] sum = parts(rows[0], 2);
    plain = Linear.of(weights, sum[0], bias);
    acrossColumns = stack(weights, sum[1], sum[2]);
    acrossRows = stack(weights, even[0], odd[0]);
    acrossBoth = stack(weights, even[1], even[2], odd[1], odd[2]);
    this.bandElements = bandElements;
  }

  /** The sum of the taps along a dimension, then what even, and what odd outputs add to it. */
  private static Tensor[] parts(Tensor kernel, long dimension) {
    return new Tensor[] {
      kernel.sum(dimension),
      kernel.select(dimension, 0).neg(),
      kernel.select(dimension, 2).contiguous()
    };
  }

  private static Linear stack(Weights weights, Tensor... matrices) {
    return Linear.of(weights, torch.cat(new TensorVector(matrices), 0), null);
  }

  static DifferencesUpsample load(Weights weights, long channels) {
    return load(weights, channels, BAND_ELEMENTS);
  }

  /** bandElements: numbers of the input that are worked on at once. */
  static DifferencesUpsample load(Weights weights, long channels, long bandElements) {
    try (TensorScope scope = TensorScope.open()) {
      return new DifferencesUpsample(
          weights,
          weights.raw("weight", channels, channels, 3, 3),
          weights.raw("bias", channels),
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
    try (TensorScope scope = TensorScope.open()) {
      Tensor pixels = x.contiguous(MemoryFormat.ChannelsLast).permute(0, 2, 3, 1);
      Tensor out =
          torch.empty(
              new long[] {x.size(0), outHeight, outWidth, x.size(1)},
              x.options(),
              new MemoryFormatOptional());
      long rowElements = x.size(3) * x.size(1);
      RowTiles.forEach(pixels, out, bandElements, rowElements, 0, this::band);
      return scope.keep(out.permute(0, 3, 1, 2));
    }
  }

  /** Enlarges some rows of some images. */
  private void band(Tensor pixels, Tensor out, long row, long rows) {
    try (TensorScope scope = TensorScope.open()) {
      long columns = pixels.size(2);
      Tensor seen = RowTiles.withNeighbours(pixels, row, rows, 1);
      Tensor own = seen.narrow(1, 1, rows);
      Tensor across = differences(seen, 2);
      Tensor target = out.narrow(1, 2 * row, Math.min(2 * rows, out.size(1) - 2 * row));
      long width = target.size(2);

      Tensor sums = plain.forward(own.narrow(2, 1, columns).contiguous());
      Tensor[] edges = split(acrossColumns.forward(across.narrow(1, 1, rows).contiguous()), 2);
      Tensor middle = interleave(sums, edges[0], edges[1], 2, width);

      Tensor[] down = split(acrossRows.forward(differences(seen.narrow(2, 1, columns), 1)), 2);
      Tensor[] corners = split(acrossBoth.forward(differences(across, 1)), 4);
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
   * Writes sum + even difference to even places and sum + odd difference to odd ones. There is one
   * difference more than sums: the one before and the one behind each.
   */
  private static void interleave(Tensor out, Tensor sums, Tensor even, Tensor odd, int dimension) {
    long count = sums.size(dimension);
    long odds = out.size(dimension) / 2;
    Tensor evenPlaces = every(out, dimension, 0, count);
    torch.add_out(evenPlaces, sums, even.narrow(dimension, 0, count), new Scalar(1));
    torch.add_out(
        every(out, dimension, 1, odds),
        sums.narrow(dimension, 0, odds),
        odd.narrow(dimension, 1, odds),
        new Scalar(1));
    if (odds < count) {
      // The image ends at an even place, whose last tap meets the zeros outside.
      evenPlaces.narrow(dimension, odds, 1).add_(odd.narrow(dimension, count, 1));
    }
  }

  /** Every other one from a first place on. */
  private static Tensor every(Tensor x, int dimension, long first, long count) {
    return x.slice(dimension, new LongOptional(first), new LongOptional(first + 2 * count - 1), 2);
  }
}
