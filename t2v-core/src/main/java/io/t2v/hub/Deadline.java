package io.t2v.hub;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** When a download has to be over. */
final class Deadline {
  private final @Nullable Duration timeout;
  private final LongSupplier nanoTime;
  private final long start;

  private Deadline(@Nullable Duration timeout, LongSupplier nanoTime) {
    this.timeout = timeout;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /**
   * Starts the clock.
   *
   * @param timeout empty for no limit
   * @param nanoTime counts nanoseconds, as {@link System#nanoTime} does
   */
  static Deadline in(Optional<Duration> timeout, LongSupplier nanoTime) {
    return new Deadline(timeout.orElse(null), nanoTime);
  }

  /**
   * Checks the clock.
   *
   * @throws HubException if the time is over
   */
  void check() {
    if (timeout != null && nanoTime.getAsLong() - start >= timeout.toNanos()) {
      throw new HubException(
          "The download took longer than the "
              + timeout.toSeconds()
              + " s that it was given. What arrived is kept, and the next attempt goes on from"
              + " there: try again, or set a longer timeout.");
    }
  }
}
