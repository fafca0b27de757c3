package io.t2v.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;

/**
 * Sleeps between attempts, twice as long after each failure, and gives up in the end. Used by one
 * thread.
 */
final class Backoff {
  /** Attempts, with 1, 2, 4 and 8 seconds between them. */
  static final int DEFAULT_ATTEMPTS = 5;

  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(5);

  private final int attempts;
  private final Cancellation cancellation;
  private int failures;

  Backoff(int attempts, Cancellation cancellation) {
    this.attempts = attempts;
    this.cancellation = cancellation;
  }

  /** Counts failures anew, after an attempt that got somewhere. */
  void reset() {
    failures = 0;
  }

  /**
   * Sleeps before the next attempt.
   *
   * @param what failed, for the message
   * @throws HubException.Unreachable if there have been enough attempts
   */
  void sleepAfter(IOException failure, String what) {
    failures++;
    Optional<Duration> asked =
        failure instanceof TransientException passing ? passing.retryAfter() : Optional.empty();
    if (failures >= attempts) {
      throw new HubException.Unreachable(
          what
              + " failed"
              + (attempts == 1 ? "" : " " + attempts + " times, the last time")
              + ": "
              + reason(failure)
              + asked.map(wait -> ". The hub asks to wait " + wait.toSeconds() + " s").orElse("")
              + ".",
          failure);
    }
    Duration sleep = asked.orElse(Duration.ofSeconds(1L << (failures - 1)));
    if (sleep.compareTo(LONGEST_SLEEP) > 0) {
      throw new HubException.Unreachable(
          what
              + " failed: "
              + reason(failure)
              + ". The hub asks to wait "
              + sleep.toSeconds()
              + " s: try again then.",
          failure);
    }
    cancellation.sleep(sleep);
  }

  private static String reason(IOException failure) {
    if (failure instanceof ConnectException) {
      // The JDK's client says no more than that: an unknown host looks like one that refuses.
      return "no connection could be made";
    }
    Throwable cause = failure;
    while (cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
