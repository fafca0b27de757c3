package io.t2v.ffmpeg;

/** Packed RGB of a size. */
final class Picture {
  private final PictureSize size;
  private final byte[] rgb;

  /**
   * Takes the pixels.
   *
   * @param rgb {@code height × width × 3} bytes, not copied
   */
  Picture(PictureSize size, byte[] rgb) {
    this.size = size;
    this.rgb = rgb;
  }

  PictureSize size() {
    return size;
  }

  byte[] rgb() {
    return rgb;
  }

  /** Lays the middle of this picture on the middle of a black frame; what sticks out is cut off. */
  Picture centredOn(PictureSize frame) {
    if (size.equals(frame)) {
      return this;
    }
    byte[] laid = new byte[3 * frame.width() * frame.height()];
    int left = (frame.width() - size.width()) / 2;
    int top = (frame.height() - size.height()) / 2;
    int columns = Math.min(frame.width(), size.width());
    int rows = Math.min(frame.height(), size.height());
    for (int row = 0; row < rows; row++) {
      int from = (row + Math.max(0, -top)) * size.width() + Math.max(0, -left);
      int to = (row + Math.max(0, top)) * frame.width() + Math.max(0, left);
      System.arraycopy(rgb, 3 * from, laid, 3 * to, 3 * columns);
    }
    return new Picture(frame, laid);
  }

  /** Cuts off columns on the right and rows below, or repeats the last ones. */
  Picture resizedCanvas(PictureSize canvas) {
    if (size.equals(canvas)) {
      return this;
    }
    byte[] copy = new byte[3 * canvas.width() * canvas.height()];
    int columns = Math.min(size.width(), canvas.width());
    for (int y = 0; y < canvas.height(); y++) {
      int from = 3 * Math.min(y, size.height() - 1) * size.width();
      int to = 3 * y * canvas.width();
      System.arraycopy(rgb, from, copy, to, 3 * columns);
      for (int i = 3 * columns; i < 3 * canvas.width(); i++) {
        copy[to + i] = copy[to + i - 3];
      }
    }
    return new Picture(canvas, copy);
  }
}
