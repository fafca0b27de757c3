package io.t2v.unet;

/** A stretch of the network that clips go through in one go. */
@FunctionalInterface
interface Stage {
  /** Takes clips one stage further. */
  void advance(Features clips);
}
