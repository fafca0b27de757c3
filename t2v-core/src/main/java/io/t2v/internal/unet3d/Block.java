package io.t2v.internal.unet3d;

/** A step of the network, and the unit in which its weights are offloaded and prefetched. */
@FunctionalInterface
interface Block {
  /** Replaces the hidden state of a micro-batch by the block's output. */
  void forward(Features features);
}
