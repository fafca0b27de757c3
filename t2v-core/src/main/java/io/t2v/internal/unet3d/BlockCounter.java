package io.t2v.internal.unet3d;

import io.t2v.unet.BlockListener;

/** Counts the blocks that one call of the network has computed, and reports each of them. */
final class BlockCounter {
  private final BlockListener listener;
  private final int total;
  private int done;

  BlockCounter(BlockListener listener, int total) {
    this.listener = listener;
    this.total = total;
  }

  void blockDone() {
    listener.onBlock(++done, total);
  }
}
