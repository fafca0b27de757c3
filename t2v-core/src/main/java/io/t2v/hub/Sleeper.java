package io.t2v.hub;

import java.time.Duration;

/** Sleeps, really or not. */
@FunctionalInterface
interface Sleeper {
  /** Blocks the thread. */
  Sleeper SYSTEM = time -> Thread.sleep(time.toMillis());

  /**
   * Sleeps.
   *
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  void sleep(Duration time) throws InterruptedException;
}
