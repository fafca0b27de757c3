package io.t2v.ffmpeg;

/**
 * Packed RGB of a size.
 *
 * @param size width and height
 * @param rgb {@code height × width × 3} bytes, not copied
 */
record Picture(PictureSize size, byte[] rgb) {
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

  /**
   * Turns the picture.
   *
   * @param quarters of a turn, clockwise, from 0 to 3
   */
  Picture turned(int quarters) {
    Picture turned = this;
    for (int i = 0; i < quarters; i++) {
      turned = turned.turnedRight();
    }
    return turned;
  }

  private Picture turnedRight() {
    int width = size.height();
    int height = size.width();
    byte[] turned = new byte[rgb.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = (size.height() - 1 - x) * size.width() + y;
        System.arraycopy(rgb, 3 * from, turned, 3 * (y * width + x), 3);
      }
    }
    return new Picture(new PictureSize(width, height), turned);
  }
}
