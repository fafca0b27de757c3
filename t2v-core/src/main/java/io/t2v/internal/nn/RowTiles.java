package io.t2v.internal.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Works on images of [images, height, width, channels] band by band: some rows, of as many images
 * as a band of whole images holds. What is made of a band stays near the processor's caches.
 */
final class RowTiles {
  private RowTiles() {}

  /**
   * Goes through all images.
   *
   * @param elements numbers that a band may have
   * @param rowElements numbers of a row, as they count for that
   * @param halo rows beside a band that count as well
   */
  static void forEach(
      Tensor images, Tensor out, long elements, long rowElements, long halo, Band band) {
    long all = images.size(0);
    long height = images.size(1);
    long together = Math.max(1, elements / ((height + halo) * rowElements));
    long rows = Math.min(height, Math.max(1, elements / (together * rowElements) - halo));
    for (long image = 0; image < all; image += together) {
      long count = Math.min(together, all - image);
      Tensor from = images.narrow(0, image, count);
      Tensor to = out.narrow(0, image, count);
      for (long row = 0; row < height; row += rows) {
        band.compute(from, to, row, Math.min(rows, height - row));
      }
    }
  }

  /**
   * Returns a band with a pixel more above, below and at the left, and some at the right; outside
   * of the image they are zero.
   */
  static Tensor withNeighbours(Tensor images, long row, long rows, long right) {
    long above = row == 0 ? 1 : 0;
    long below = row + rows == images.size(1) ? 1 : 0;
    Tensor seen = images.narrow(1, row - 1 + above, rows + 2 - above - below);
    return torch.constant_pad_nd(seen, 0, 0, 1, right, above, below);
  }

  /** What is done with a band. */
  @FunctionalInterface
  interface Band {
    /** Reads rows of some images, and writes what belongs there of the same images' results. */
    void compute(Tensor images, Tensor out, long row, long rows);
  }
}
