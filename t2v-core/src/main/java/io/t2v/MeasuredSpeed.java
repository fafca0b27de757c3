package io.t2v;

import com.google.common.collect.ImmutableMap;
import io.t2v.Progress.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How fast a pipeline is on this machine: seconds a unit of work of each phase, as the last run
 * took. Thread-safe.
 */
final class MeasuredSpeed {
  private final Map<Phase, Double> secondsPerUnit = new ConcurrentHashMap<>();

  /**
   * Learns from a run that has ended.
   *
   * @param work of it
   * @param times of its phases
   */
  void learn(RunWork work, Map<Phase, Duration> times) {
    work.units()
        .forEach(
            (phase, units) -> {
              Duration time = times.get(phase);
              if (time != null) {
                secondsPerUnit.put(phase, time.toNanos() / 1e9 / units);
              }
            });
  }

  /** What phases take whose speed is known. */
  Map<Phase, Duration> expected(RunWork work) {
    ImmutableMap.Builder<Phase, Duration> expected = ImmutableMap.builder();
    work.units()
        .forEach(
            (phase, units) -> {
              Double seconds = secondsPerUnit.get(phase);
              if (seconds != null) {
                expected.put(phase, Duration.ofNanos((long) (seconds * units * 1e9)));
              }
            });
    return expected.buildOrThrow();
  }

  /** What all phases take together; empty if the speed of one is not known. */
  Optional<Duration> total(RunWork work) {
    Map<Phase, Duration> expected = expected(work);
    return expected.keySet().equals(work.units().keySet())
        ? Optional.of(expected.values().stream().reduce(Duration.ZERO, Duration::plus))
        : Optional.empty();
  }
}
