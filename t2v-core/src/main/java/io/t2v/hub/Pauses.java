package io.t2v.hub;

import java.time.Duration;

/** How to wait, so that tests need not. */
@FunctionalInterface
interface Pauses {
  /**
   * Waits.
   *
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  void pause(Duration time) throws InterruptedException;

  /** Really waits. */
  static Pauses real() {
    return time -> Thread.sleep(time.toMillis());
  }
}
