package io.t2v;

import java.util.Arrays;

/**
 * Resizes one side of pictures of packed RGB: each new pixel is a weighted sum of old ones.
 *
 * <p>Weights are whole numbers in units of 2<sup>−22</sup>, and each sum is rounded to 8 bits, as
 * Pillow does it, so that both give the same bytes.
 */
final class Resampler {
  private static final int BITS = 22;
  private static final int HALF = 1 << (BITS - 1);
  private static final int CHANNELS = 3;

  private final int oldSize;
  private final int newSize;
  private final boolean changesNothing;
  private final int[] first;
  private final int[][] weights;

  /**
   * Prepares the weights.
   *
   * @param oldSize of the whole side, in pixels
   * @param from where the part begins that becomes the new side, in old pixels
   * @param to where it ends
   * @param newSize in pixels
   */
  Resampler(int oldSize, float from, float to, int newSize, ResizeFilter filter) {
    this.oldSize = oldSize;
    this.newSize = newSize;
    this.changesNothing = newSize == oldSize && from == 0 && to == oldSize;
    this.first = new int[newSize];
    this.weights = new int[newSize][];
    double scale = (double) (to - from) / newSize;
    if (filter == ResizeFilter.NEAREST) {
      setNearest(from, scale);
    } else {
      setWeights(from, scale, filter);
    }
  }

  private void setNearest(double from, double scale) {
    double place = from + scale * 0.5;
    for (int i = 0; i < newSize; i++) {
      first[i] = Math.min(oldSize - 1, (int) place);
      weights[i] = new int[] {1 << BITS};
      place += scale;
    }
  }

  private void setWeights(double from, double scale, ResizeFilter filter) {
    double widening = Math.max(1, scale);
    double support = filter.support() * widening;
    for (int i = 0; i < newSize; i++) {
      double centre = from + (i + 0.5) * scale;
      first[i] = Math.max(0, (int) (centre - support + 0.5));
      int end = Math.min(oldSize, (int) (centre + support + 0.5));
      double[] exact = new double[end - first[i]];
      double sum = 0;
      for (int k = 0; k < exact.length; k++) {
        exact[k] = filter.weight((k + first[i] - centre + 0.5) * (1 / widening));
        sum += exact[k];
      }
      weights[i] = rounded(exact, sum);
    }
  }

  private static int[] rounded(double[] exact, double sum) {
    int[] rounded = new int[exact.length];
    for (int k = 0; k < exact.length; k++) {
      double weight = (sum == 0 ? exact[k] : exact[k] / sum) * (1 << BITS);
      rounded[k] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    return rounded;
  }

  int newSize() {
    return newSize;
  }

  /** Gives all rows of a picture, whose width is the old size, the new width. */
  byte[] resizeRows(byte[] rgb) {
    if (changesNothing) {
      return rgb;
    }
    int height = rgb.length / (CHANNELS * oldSize);
    byte[] resized = new byte[CHANNELS * newSize * height];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < newSize; x++) {
        int red = HALF;
        int green = HALF;
        int blue = HALF;
        int at = CHANNELS * (y * oldSize + first[x]);
        for (int weight : weights[x]) {
          red += weight * (rgb[at++] & 0xff);
          green += weight * (rgb[at++] & 0xff);
          blue += weight * (rgb[at++] & 0xff);
        }
        resized[to++] = eightBits(red);
        resized[to++] = eightBits(green);
        resized[to++] = eightBits(blue);
      }
    }
    return resized;
  }

  /** Gives all columns of a picture, whose height is the old size, the new height. */
  byte[] resizeColumns(byte[] rgb) {
    if (changesNothing) {
      return rgb;
    }
    int rowBytes = rgb.length / oldSize;
    byte[] resized = new byte[rowBytes * newSize];
    int[] sums = new int[rowBytes];
    for (int y = 0; y < newSize; y++) {
      Arrays.fill(sums, HALF);
      int at = rowBytes * first[y];
      for (int weight : weights[y]) {
        for (int i = 0; i < rowBytes; i++) {
          sums[i] += weight * (rgb[at++] & 0xff);
        }
      }
      for (int i = 0; i < rowBytes; i++) {
        resized[rowBytes * y + i] = eightBits(sums[i]);
      }
    }
    return resized;
  }

  private static byte eightBits(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> BITS));
  }
}
