package io.t2v.internal.nn;

import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.PackedConv2d;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A 3 × 3 convolution by Winograd's minimal filtering F(4, 3) along the rows of an image: half the
 * multiplications of the direct convolution.
 *
 * <p>Each row is cut into tiles of four output pixels, which see six input pixels. {@link
 * WinogradTransform} turns these into six points. A 3 × 1 convolution down the columns, with a
 * kernel of its own for each point, does the sums over channels and rows; the transform turns its
 * six products back into four pixels. The tiles of all images of a band lie side by side in one
 * wide image, so that small images are computed as fast as large ones.
 *
 * <p>Its costs: six kernels of three taps take twice the memory of one with nine. The points of a
 * band take one and a half times the memory of its input, which is why images are computed in
 * bands. The rounding error in float32 is about twice that of the direct convolution.
 *
 * <p>Filtering in both dimensions, F(4 × 4, 3 × 3), would need a quarter of the multiplications,
 * but four times the memory for weights, and its error is larger.
 *
 * <p>{@link Conv2d} chooses it for at least 256 channels with {@link Conv2d.TradeOff#SPEED}: below
 * that, the transforms cost more time than the multiplications that they save.
 *
 * @see <a href="https://arxiv.org/abs/1509.09308">Lavin and Gray, Fast Algorithms for Convolutional
 *     Neural Networks</a>
 */
final class WinogradConv2d implements ConvolutionKernel {
  /** Input elements of a band: 12 MiB of float32. */
  private static final long BAND_ELEMENTS = 3L << 20;

  /** The input size that oneDNN picks the kernels' layout for; others work as well. */
  private static final long TYPICAL_HEIGHT = 32;

  private static final long TYPICAL_WIDTH = 128;
  static final int ROW_HALO = 2;
  private static final int COLUMN_HALO = 2;

  /** The 3 × 1 convolution of each point. */
  private final PackedConv2d[] points;

  private final long out;
  private final long bandElements;

  private WinogradConv2d(PackedConv2d[] points, long out, long bandElements) {
    this.points = points;
    this.out = out;
    this.bandElements = bandElements;
  }

  /** weight: [out, in, 3, 3]; the output is as large as the input. */
  static WinogradConv2d pack(Weights weights, Tensor weight, Tensor bias) {
    return pack(weight, bias, bandElements(weights.compute()), weights.staging(), weights.pool());
  }

  static long bandElements(ComputeConfig compute) {
    return compute.chunk(BAND_ELEMENTS);
  }

  /** Size of a row of an image, with the pixels around it. */
  static long rowElements(long tiles, long channels) {
    return (WinogradTransform.OUTPUTS * tiles + COLUMN_HALO) * channels;
  }

  static WinogradConv2d pack(
      Tensor weight, Tensor bias, long bandElements, StagingMemory memory, NativePool pool) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor[] taps = {weight.narrow(3, 0, 1), weight.narrow(3, 1, 1), weight.narrow(3, 2, 1)};
      long[] size = {1, weight.size(1), TYPICAL_HEIGHT, TYPICAL_WIDTH};
      PackedConv2d[] points = new PackedConv2d[WinogradTransform.POINTS];
      Tensor kernel = PackedConv2d.channelsLast(taps[0], memory);
      for (int i = 0; i < points.length; i++) {
        points[i] =
            PackedConv2d.pack(
                WinogradTransform.kernel(taps, i, kernel),
                WinogradTransform.bias(bias, i),
                new long[] {1, 1},
                new long[] {0, 0},
                size,
                memory,
                pool);
      }
      return new WinogradConv2d(points, weight.size(0), bandElements);
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor pixels = x.permute(0, 2, 3, 1);
      long width = pixels.size(2);
      long tiles = (width + WinogradTransform.OUTPUTS - 1) / WinogradTransform.OUTPUTS;
      long padded = WinogradTransform.OUTPUTS * tiles;
      Tensor result =
          torch.empty(
              new long[] {pixels.size(0), pixels.size(1), padded, out},
              x.options(),
              new MemoryFormatOptional());
      RowBands.forEach(
          pixels,
          result,
          bandElements,
          rowElements(tiles, pixels.size(3)),
          ROW_HALO,
          (from, to, row, rows) -> forwardBand(from, to, row, rows, tiles));
      Tensor cropped = padded == width ? result : result.narrow(2, 0, width).contiguous();
      return scope.keep(cropped.permute(0, 3, 1, 2));
    }
  }

  private void forwardBand(Tensor pixels, Tensor result, long row, long rows, long tiles) {
    try (TensorScope scope = TensorScope.open()) {
      long images = pixels.size(0);
      long channels = pixels.size(3);
      long right = WinogradTransform.OUTPUTS * tiles + 1 - pixels.size(2);
      Tensor halo = RowBands.withHalo(pixels, row, rows, right);
      Tensor pointImages =
          torch.empty(
              new long[] {WinogradTransform.POINTS, rows + ROW_HALO, images, tiles, channels},
              pixels.options(),
              new MemoryFormatOptional());
      Tensor[] inputs = new Tensor[WinogradTransform.POINTS];
      Tensor[] transformed = new Tensor[WinogradTransform.POINTS];
      for (int i = 0; i < WinogradTransform.POINTS; i++) {
        inputs[i] =
            halo.slice(
                    2,
                    new LongOptional(i),
                    new LongOptional(halo.size(2)),
                    WinogradTransform.OUTPUTS)
                .narrow(2, 0, tiles)
                .permute(1, 0, 2, 3);
        transformed[i] = pointImages.select(0, i);
      }
      WinogradTransform.transform(inputs, transformed);
      halo.close();
      Tensor[] products = new Tensor[WinogradTransform.POINTS];
      for (int i = 0; i < WinogradTransform.POINTS; i++) {
        Tensor columns = transformed[i].view(1, rows + ROW_HALO, images * tiles, channels);
        products[i] =
            points[i]
                .forward(columns.permute(0, 3, 1, 2))
                .permute(0, 2, 3, 1)
                .reshape(rows, images, tiles, out)
                .permute(1, 0, 2, 3);
      }
      Tensor target =
          result.narrow(1, row, rows).view(images, rows, tiles, WinogradTransform.OUTPUTS, out);
      Tensor[] outputs = new Tensor[WinogradTransform.OUTPUTS];
      for (int i = 0; i < WinogradTransform.OUTPUTS; i++) {
        outputs[i] = target.select(3, i);
      }
      WinogradTransform.inverse(products, outputs);
    }
  }
}
