package io.t2v.internal.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Splits images, [images, height, width, channels], into bands of rows that are computed one after
 * the other, so that the intermediates of one band stay in the CPU's caches.
 *
 * <p>Small images go together: a band then consists of all rows of several images.
 */
final class RowBands {
  private RowBands() {}

  /**
   * Computes all bands.
   *
   * @param bandElements how large a band may be; one row is computed in any case
   * @param rowElements size of a row, as it counts for that
   * @param halo neighbouring rows that a band reads as well, and which count too
   */
  static void forEach(
      Tensor images, Tensor out, long bandElements, long rowElements, long halo, Kernel kernel) {
    long height = images.size(1);
    long atOnce = Math.max(1, bandElements / ((height + halo) * rowElements));
    long bandRows = bandElements / (atOnce * rowElements) - halo;
    Chunks.forEach(
        images.size(0),
        atOnce,
        (image, count) -> {
          Tensor from = images.narrow(0, image, count);
          Tensor to = out.narrow(0, image, count);
          Chunks.forEach(height, bandRows, (row, rows) -> kernel.compute(from, to, row, rows));
        });
  }

  /**
   * Returns rows of images with one pixel more above, below and at the left, and {@code right} more
   * at the right. Pixels outside of the image are zero.
   */
  static Tensor withHalo(Tensor images, long row, long rows, long right) {
    long above = row == 0 ? 1 : 0;
    long below = row + rows == images.size(1) ? 1 : 0;
    Tensor inside = images.narrow(1, row - 1 + above, rows + 2 - above - below);
    return torch.constant_pad_nd(inside, 0, 0, 1, right, above, below);
  }

  /** Computes one band. */
  @FunctionalInterface
  interface Kernel {
    /** Reads some rows of the images, and writes their part of the output. */
    void compute(Tensor images, Tensor out, long row, long rows);
  }
}
