package io.t2v.internal.unet3d;

/** A stretch of the network that clips go through in one go. */
@FunctionalInterface
interface Block {
  /** Takes clips one stage further. */
  void advance(Features clips);
}
