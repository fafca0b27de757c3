package io.t2v.hub;

import java.io.IOException;
import java.util.Locale;

/**
 * Notices a connection that brings less than a {@link MinimumSpeed}: one that is silent, or that
 * drips one byte a second for hours.
 *
 * <p>It counts the time for which the reader waited for bytes, not the time that it took to hash
 * them, to write them, or to tell a listener. Used by one thread.
 */
final class StallDetector {
  private final MinimumSpeed minimum;
  private long waitedNanos;
  private long bytes;

  StallDetector(MinimumSpeed minimum) {
    this.minimum = minimum;
  }

  /**
   * Takes note of a wait.
   *
   * @param nanos how long it took
   * @param arrived bytes that it brought
   * @throws StallException if a window of waiting brought too little
   */
  void waited(long nanos, long arrived) throws StallException {
    waitedNanos += nanos;
    bytes += arrived;
    if (waitedNanos >= minimum.window().toNanos()) {
      if (bytes < minimum.bytes()) {
        throw new StallException(
            String.format(
                Locale.ROOT,
                "%,d bytes arrived in %,d s, expected at least %,d bytes a second",
                bytes,
                waitedNanos / 1_000_000_000,
                minimum.bytesPerSecond()));
      }
      waitedNanos = 0;
      bytes = 0;
    }
  }

  /** A connection is too slow to go on with. */
  static final class StallException extends IOException {
    private static final long serialVersionUID = 1L;

    StallException(String message) {
      super(message);
    }
  }
}
