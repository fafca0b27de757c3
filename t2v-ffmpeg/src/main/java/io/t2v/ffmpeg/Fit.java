package io.t2v.ffmpeg;

/** How a picture is brought to another shape. */
public enum Fit {
  /** It fills the frame, and what sticks out on two sides is cut off evenly. */
  CROP,
  /** All of it is seen, between black bars of the same size. */
  PAD,
  /** It is pulled to the shape of the frame. */
  STRETCH;

  /** Returns the size to scale to, before the picture is laid on the middle of the frame. */
  PictureSize scaled(PictureSize picture, PictureSize frame) {
    if (this == STRETCH) {
      return frame;
    }
    double wide = (double) frame.width() / picture.width();
    double high = (double) frame.height() / picture.height();
    double factor = this == CROP ? Math.max(wide, high) : Math.min(wide, high);
    return new PictureSize(
        side(picture.width() * factor, frame.width()),
        side(picture.height() * factor, frame.height()));
  }

  private int side(double exact, int frame) {
    int rounded = (int) Math.max(1, Math.min(1 << 20, Math.round(exact)));
    return this == CROP ? Math.max(frame, rounded) : Math.min(frame, rounded);
  }
}
