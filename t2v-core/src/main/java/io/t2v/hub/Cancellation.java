package io.t2v.hub;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Whether a download is still wanted, and how to wait as long as it is. */
final class Cancellation {
  /** How long a cancelled download may go on waiting. */
  static final Duration SLICE = Duration.ofMillis(100);

  private final BooleanSupplier cancelled;
  private final Pauses pauses;

  Cancellation(BooleanSupplier cancelled, Pauses pauses) {
    this.cancelled = cancelled;
    this.pauses = pauses;
  }

  /**
   * Ends the download if nobody wants it any more.
   *
   * @throws CancellationException if it was cancelled, or the thread interrupted
   */
  void check() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("the download was cancelled");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
  }

  /** Waits, unless the download is cancelled. */
  void pause(Duration time) {
    Duration left = time;
    try {
      while (left.compareTo(Duration.ZERO) > 0) {
        check();
        Duration slice = left.compareTo(SLICE) < 0 ? left : SLICE;
        pauses.pause(slice);
        left = left.minus(slice);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
    check();
  }

  /** The error for a thread that was interrupted; its flag stays set. */
  CancellationException interrupted() {
    return new CancellationException("the thread of the download was interrupted");
  }
}
