package io.t2v.hub;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Ends a download that nobody wants any more, or that takes too long. Everything that waits asks it
 * at least ten times a second.
 */
final class Cancellation {
  /** The longest wait between two questions. */
  static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  private final BooleanSupplier cancelled;
  private final Sleeper sleeper;
  private final Deadline deadline;

  Cancellation(BooleanSupplier cancelled, Sleeper sleeper, Deadline deadline) {
    this.cancelled = cancelled;
    this.sleeper = sleeper;
    this.deadline = deadline;
  }

  /**
   * Ends the download if it is to end.
   *
   * @throws CancellationException if it was cancelled, or the thread interrupted
   * @throws HubException if its time is over
   */
  void check() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("the download was cancelled");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
    deadline.check();
  }

  /** Sleeps, unless the download is to end. */
  void sleep(Duration time) {
    Duration left = time;
    try {
      while (left.compareTo(Duration.ZERO) > 0) {
        check();
        Duration slice = left.compareTo(POLL_INTERVAL) < 0 ? left : POLL_INTERVAL;
        sleeper.sleep(slice);
        left = left.minus(slice);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
    check();
  }

  /** The error for a thread that was interrupted, whose flag stays set. */
  static CancellationException interrupted() {
    return new CancellationException("the thread of the download was interrupted");
  }
}
