package io.t2v;

/**
 * An image at which a frame is held.
 *
 * @param image a video of one frame
 * @param weight 0 to hold it to the end, 1 to leave it free, between to hold it for a part of the
 *     run
 */
record KeyFrame(Video image, double weight) {
  @Override
  public String toString() {
    return image.width() + " x " + image.height() + " of weight " + weight;
  }
}
