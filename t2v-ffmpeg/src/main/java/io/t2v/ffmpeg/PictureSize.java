package io.t2v.ffmpeg;

/** Width and height in pixels, each at least 1. */
record PictureSize(int width, int height) {
  /** Returns the bytes of a picture of this size in packed RGB. */
  long bytes() {
    return 3L * width * height;
  }

  /** Tells whether this is another size and at most one column and one row. */
  boolean isPaddingOf(PictureSize other) {
    return isZeroOrOne(width - other.width) && isZeroOrOne(height - other.height);
  }

  private static boolean isZeroOrOne(int difference) {
    return difference == 0 || difference == 1;
  }

  PictureSize padded(PixelLayout layout) {
    return new PictureSize(layout.padded(width), layout.padded(height));
  }

  PictureSize turned() {
    return new PictureSize(/* width= */ height, /* height= */ width);
  }

  @Override
  public String toString() {
    return width + "×" + height;
  }
}
