package io.t2v.unet;

/** A stretch of the network that a clip goes through in one go. */
@FunctionalInterface
interface Stage {
  /** Takes the clip one stage further. */
  void advance(Features clip);
}
