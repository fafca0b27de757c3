package io.t2v.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;

/** How often something is tried that fails for reasons which may pass, with longer pauses. */
final class Retries {
  /** Attempts that pauses of 1, 2, 4 and 8 seconds lie between. */
  static final int USUAL = 5;

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  private final int attempts;
  private final Cancellation cancellation;
  private int failures;

  Retries(int attempts, Cancellation cancellation) {
    this.attempts = attempts;
    this.cancellation = cancellation;
  }

  /** Something works: failures are counted anew. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits before the next attempt.
   *
   * @param what failed, for the message
   * @throws HubException.Unreachable if there have been enough attempts
   */
  void after(IOException failure, String what) {
    failures++;
    Optional<Duration> asked =
        failure instanceof PassingFailure passing ? passing.pause() : Optional.empty();
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
    Duration pause = asked.orElse(Duration.ofSeconds(1L << (failures - 1)));
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      throw new HubException.Unreachable(
          what
              + " failed: "
              + reason(failure)
              + ". The hub asks to wait "
              + pause.toSeconds()
              + " s: try again then.",
          failure);
    }
    cancellation.pause(pause);
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
