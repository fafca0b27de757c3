package io.t2v.internal.nn;

import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.PackedConv2d;
import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A convolution of 3 × 3 with half the products: {@link WinogradTransform} along the rows of an
 * image, and a convolution of 3 × 1 down its columns for each of the six points.
 *
 * <p>The points of all images lie side by side in one image that is as wide as the batch allows, so
 * that small images are computed as fast as large ones. Two dimensions of minimal filtering would
 * save more products, but need more memory for points and weights than that is worth.
 *
 * <p>The weights take twice the memory of the direct convolution's.
 */
final class WinogradConv2d implements ConvolutionKernel {
  /** Numbers of the input that are turned into points at once: 12 MiB of float32. */
  private static final long BAND_ELEMENTS = 3L << 20;

  private static final long TYPICAL_HEIGHT = 32;
  private static final long TYPICAL_WIDTH = 128;
  private static final int ROW_HALO = 2;
  private static final int COLUMN_HALO = 2;

  private final PackedConv2d[] points;
  private final long out;
  private final long bandElements;

  private WinogradConv2d(PackedConv2d[] points, long out, long bandElements) {
    this.points = points;
    this.out = out;
    this.bandElements = bandElements;
  }

  /** weight: [out, in, 3, 3], for one row of zeros at each edge. */
  static WinogradConv2d pack(Tensor weight, Tensor bias, NativePool pool) {
    return pack(weight, bias, BAND_ELEMENTS, pool);
  }

  /** bandElements: numbers of the input that are turned into points at once. */
  static WinogradConv2d pack(Tensor weight, Tensor bias, long bandElements, NativePool pool) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor[] taps = {weight.narrow(3, 0, 1), weight.narrow(3, 1, 1), weight.narrow(3, 2, 1)};
      long[] size = {1, weight.size(1), TYPICAL_HEIGHT, TYPICAL_WIDTH};
      PackedConv2d[] points = new PackedConv2d[WinogradTransform.POINTS];
      Tensor kernels = WinogradTransform.kernels(taps);
      for (int i = 0; i < points.length; i++) {
        points[i] =
            PackedConv2d.pack(
                kernels.select(0, i),
                WinogradTransform.bias(bias, i),
                new long[] {1, 1},
                new long[] {0, 0},
                size,
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
      long rowElements = (padded + COLUMN_HALO) * pixels.size(3);
      RowTiles.forEach(
          pixels,
          result,
          bandElements,
          rowElements,
          ROW_HALO,
          (from, to, row, rows) -> band(from, to, row, rows, tiles));
      Tensor exact = padded == width ? result : result.narrow(2, 0, width).contiguous();
      return scope.keep(exact.permute(0, 3, 1, 2));
    }
  }

  /** Computes some rows of some images. */
  private void band(Tensor pixels, Tensor result, long row, long rows, long tiles) {
    try (TensorScope scope = TensorScope.open()) {
      long images = pixels.size(0);
      long channels = pixels.size(3);
      long right = WinogradTransform.OUTPUTS * tiles + 1 - pixels.size(2);
      Tensor in = RowTiles.withNeighbours(pixels, row, rows, right);
      Tensor spread =
          torch.empty(
              new long[] {WinogradTransform.POINTS, rows + ROW_HALO, images, tiles, channels},
              pixels.options(),
              new MemoryFormatOptional());
      Tensor[] neighbours = new Tensor[WinogradTransform.POINTS];
      Tensor[] transformed = new Tensor[WinogradTransform.POINTS];
      for (int i = 0; i < WinogradTransform.POINTS; i++) {
        neighbours[i] =
            in.slice(
                    2, new LongOptional(i), new LongOptional(in.size(2)), WinogradTransform.OUTPUTS)
                .narrow(2, 0, tiles)
                .permute(1, 0, 2, 3);
        transformed[i] = spread.select(0, i);
      }
      WinogradTransform.transform(neighbours, transformed);
      in.close();
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
      WinogradTransform.combine(products, outputs);
    }
  }
}
