package io.t2v.unet;

/** Follows the progress of one call of a denoiser, and may stop it by an exception. */
@FunctionalInterface
public interface BlockListener {
  /**
   * Called after each block, on the thread that called the denoiser. An exception that it throws
   * ends that call, which throws it on.
   *
   * @param done number of blocks that are computed, from 1 to {@code total}
   * @param total number of blocks of the call, the same each time
   */
  void onBlock(int done, int total);

  /**
   * Returns a listener that does nothing.
   *
   * @return the listener
   */
  static BlockListener none() {
    return (done, total) -> {};
  }
}
