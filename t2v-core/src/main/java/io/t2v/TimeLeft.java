package io.t2v;

import io.t2v.Progress.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Predicts when a run ends. The rest of the running phase takes as long, for its share, as what is
 * done of it took. Phases to come take what they took in earlier runs; where that is not known, and
 * one of them takes long, nothing is predicted.
 */
final class TimeLeft {
  /** Before this share of a phase is done, earlier runs say more. */
  private static final double LEAST_SHARE = 0.02;

  private final RunWork work;
  private final Map<Phase, Duration> expected;
  private final LongSupplier nanoTime;
  private long start;
  private double shareAtStart;

  /**
   * Predicts nothing yet.
   *
   * @param work of the run
   * @param expected what phases are expected to take, as far as that is known
   * @param nanoTime a clock such as {@link System#nanoTime}
   */
  TimeLeft(RunWork work, Map<Phase, Duration> expected, LongSupplier nanoTime) {
    this.work = work;
    this.expected = expected;
    this.nanoTime = nanoTime;
    start = nanoTime.getAsLong();
  }

  /** Begins a phase, of which a share was done before. */
  void begin(double share) {
    start = nanoTime.getAsLong();
    shareAtStart = share;
  }

  /**
   * Predicts the time that is left.
   *
   * @param phase that is running
   * @param share of it that is done, 0 to 1
   */
  Optional<Duration> at(Phase phase, double share) {
    Optional<Duration> left = ofPhase(phase, share);
    for (Phase later : Phase.values()) {
      if (later.compareTo(phase) > 0 && work.units().containsKey(later)) {
        left = left.flatMap(sum -> Optional.ofNullable(expected.get(later)).map(sum::plus));
      }
    }
    return left;
  }

  private Optional<Duration> ofPhase(Phase phase, double share) {
    if (share >= 1 || !work.units().containsKey(phase)) {
      return Optional.of(Duration.ZERO); // loading weights is over, or not to be foretold
    }
    double done = share - shareAtStart;
    Duration elapsed = Duration.ofNanos(nanoTime.getAsLong() - start);
    if (done >= LEAST_SHARE) {
      return Optional.of(Duration.ofNanos((long) (elapsed.toNanos() * (1 - share) / done)));
    }
    return Optional.ofNullable(expected.get(phase))
        .map(whole -> Duration.ofNanos((long) (whole.toNanos() * (1 - share))))
        .map(rest -> rest.compareTo(elapsed) > 0 ? rest.minus(elapsed) : Duration.ZERO);
  }
}
