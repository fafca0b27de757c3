package io.t2v.unet;

/** Told how far one call of a denoiser is; the place to stop it. */
@FunctionalInterface
public interface BlockListener {
  /**
   * Takes note of a finished block. An exception thrown here ends the call, and comes out of it.
   *
   * @param done blocks finished, from 1
   * @param total blocks of the call
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
