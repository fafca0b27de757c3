package io.t2v;

import java.util.Optional;

/**
 * An image at which a frame is held.
 *
 * @param image a video of one frame
 * @param weight 0 to hold it to the end, 1 to leave it free, between to hold it for a part of the
 *     run
 * @param mask of the image's size, white where the frame is free all the same; empty if it is held
 *     as a whole
 */
record KeyFrame(Video image, double weight, Optional<FreeArea> mask) {
  @Override
  public String toString() {
    return image.width()
        + " x "
        + image.height()
        + " of weight "
        + weight
        + (mask.isPresent() ? ", masked" : "");
  }
}
