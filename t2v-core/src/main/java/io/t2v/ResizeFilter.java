package io.t2v;

/**
 * How {@link FrameResize} weighs the pixels around a place. When a side becomes shorter, all but
 * {@link #NEAREST} widen by the same factor, so that each pixel counts and nothing shimmers.
 */
public enum ResizeFilter {
  /** The nearest pixel: hard edges, for pixel art. */
  NEAREST(0) {
    @Override
    double weight(double distance) {
      throw new UnsupportedOperationException("nearest pixels are not weighed");
    }
  },
  /** The mean of what a pixel covers. */
  BOX(0.5) {
    @Override
    double weight(double distance) {
      return distance > -0.5 && distance <= 0.5 ? 1 : 0;
    }
  },
  /** A triangle: soft. */
  BILINEAR(1) {
    @Override
    double weight(double distance) {
      return Math.max(0, 1 - Math.abs(distance));
    }
  },
  /** Keys's cubic with a = −0.5. The default. */
  BICUBIC(2) {
    @Override
    double weight(double distance) {
      double a = -0.5;
      double x = Math.abs(distance);
      if (x < 1) {
        return ((a + 2) * x - (a + 3)) * x * x + 1;
      }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
  },
  /** A sinc in a window of three lobes: the sharpest. */
  LANCZOS(3) {
    @Override
    double weight(double distance) {
      return distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
    }
  };

  private final double support;

  ResizeFilter(double support) {
    this.support = support;
  }

  /** Returns up to which distance weights are not 0, in pixels. */
  double support() {
    return support;
  }

  /** Returns the weight of a pixel, before all of them are brought to a sum of 1. */
  abstract double weight(double distance);

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }
}
