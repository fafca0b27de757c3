package io.t2v.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Estimates when a command is done, from the share of it that is done. */
final class TimeLeft {
  /** Before this share and this time have passed, a guess is worth nothing. */
  private static final double LEAST_SHARE = 0.02;

  private static final double LEAST_SECONDS = 1;

  private final LongSupplier nanoTime;
  private final long start;

  /**
   * Starts to count.
   *
   * @param nanoTime a clock such as {@link System#nanoTime}
   */
  TimeLeft(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /**
   * Says how long it will take.
   *
   * @param fraction of the work that is done, 0 to 1
   * @return such as {@code ", 12 s left"}; empty while nothing can be said
   */
  String describe(double fraction) {
    double elapsed = (nanoTime.getAsLong() - start) / 1e9;
    if (fraction < LEAST_SHARE || elapsed < LEAST_SECONDS || fraction >= 1) {
      return "";
    }
    return describe(Math.round(elapsed * (1 - fraction) / fraction));
  }

  /** Says how long it will take; empty where it is over. */
  static String describe(Duration left) {
    return left.isZero() ? "" : describe(Math.round(left.toMillis() / 1e3));
  }

  private static String describe(long seconds) {
    return ", " + format(seconds) + " left";
  }

  /** Seconds below a minute, minutes and seconds below an hour, then hours and minutes. */
  static String format(long seconds) {
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60)
        : String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60);
  }
}
