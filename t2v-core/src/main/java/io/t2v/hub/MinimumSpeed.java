package io.t2v.hub;

import java.time.Duration;

/**
 * The slowest that a connection may be.
 *
 * @param bytesPerSecond on average over the window, at least 1
 * @param window at least a second
 */
record MinimumSpeed(long bytesPerSecond, Duration window) {
  static final MinimumSpeed DEFAULT = new MinimumSpeed(1000, Duration.ofSeconds(60));

  /** Bytes that a window has to bring. */
  double bytes() {
    return bytesPerSecond * (window.toNanos() / 1e9);
  }
}
