package io.t2v;

import io.t2v.Progress.Phase;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Reports one generation's progress, takes its times, and stops it when somebody asks.
 *
 * <p>Phases are weighed by their work at the published model's size: a call of the denoiser for one
 * clip counts 1, the autoencoder's decoding about as much as two of them, its encoding as much as
 * one, a text a small fraction.
 */
final class ProgressTracker {
  private static final double TEXT_WEIGHT = 0.05;
  private static final double ENCODE_WEIGHT = 1;
  private static final double PREPARE_WEIGHT = 0.2;
  private static final double DECODE_WEIGHT = 2;

  private final ProgressListener listener;
  private final Runnable cancellationCheck;
  private final Map<Phase, Double> startOf = new LinkedHashMap<>();
  private final Map<Phase, Double> weightOf = new LinkedHashMap<>();
  private final Map<Phase, Duration> timeOf = new EnumMap<>(Phase.class);
  private final Map<String, Duration> timings = new LinkedHashMap<>();
  private final List<Double> workOfStep;
  private final double totalWeight;
  private final TimeLeft timeLeft;
  private final LongSupplier nanoTime;
  private long phaseStart;

  /**
   * Starts tracking.
   *
   * @param work of the run
   * @param expected what phases are expected to take, as far as that is known
   * @param encodes whether frames or images are encoded
   * @param decodes whether frames are wanted
   * @param cancellationCheck throws when the generation is to stop
   * @param nanoTime a clock such as {@link System#nanoTime}
   */
  ProgressTracker(
      RunWork work,
      Map<Phase, Duration> expected,
      boolean encodes,
      boolean decodes,
      ProgressListener listener,
      Runnable cancellationCheck,
      LongSupplier nanoTime) {
    workOfStep = work.ofSteps();
    timeLeft = new TimeLeft(work, expected, nanoTime);
    this.nanoTime = nanoTime;
    this.listener = listener;
    this.cancellationCheck = cancellationCheck;
    boolean denoises = !workOfStep.isEmpty();
    weightOf.put(Phase.ENCODE_TEXT, denoises ? TEXT_WEIGHT : 0);
    weightOf.put(Phase.ENCODE_IMAGE, encodes ? ENCODE_WEIGHT : 0);
    weightOf.put(Phase.PREPARE_DENOISER, denoises ? PREPARE_WEIGHT : 0);
    weightOf.put(Phase.DENOISE, workUntil(workOfStep.size()));
    weightOf.put(Phase.DECODE, decodes ? DECODE_WEIGHT : 0);
    double sum = 0;
    for (Map.Entry<Phase, Double> phase : weightOf.entrySet()) {
      startOf.put(phase.getKey(), sum);
      sum += phase.getValue();
    }
    totalWeight = sum;
  }

  /** Runs a phase of so many units. */
  <T> T phase(Phase phase, int total, Supplier<T> work) {
    begin(phase, total);
    T result = work.get();
    end(phase, total);
    return result;
  }

  /** Begins a phase of so many units. */
  void begin(Phase phase, int total) {
    begin(phase, 0, total);
  }

  /** Begins a phase of so many units, some of which an earlier process has done. */
  void begin(Phase phase, int done, int total) {
    double share = fraction(phase, done, total, 0);
    timeLeft.begin(share);
    report(phase, done, total, share);
    phaseStart = nanoTime.getAsLong();
  }

  /** Ends the phase that began last. */
  void end(Phase phase, int total) {
    Duration time = Duration.ofNanos(nanoTime.getAsLong() - phaseStart);
    timeOf.put(phase, time);
    timings.put(timingOf(phase), time);
    report(phase, total, total, 1);
  }

  /** Reports units of the running phase, and a part of the next one. */
  void advance(Phase phase, int done, int total, double partOfNext) {
    report(phase, done, total, fraction(phase, done, total, partOfNext));
  }

  private double fraction(Phase phase, int done, int total, double partOfNext) {
    return phase == Phase.DENOISE ? denoised(done, partOfNext) : (done + partOfNext) / total;
  }

  private double denoised(int steps, double partOfNext) {
    double work = workUntil(steps);
    if (steps < workOfStep.size()) {
      work += partOfNext * workOfStep.get(steps);
    }
    return work / workUntil(workOfStep.size());
  }

  private double workUntil(int step) {
    return workOfStep.subList(0, step).stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Notes how much of the denoising that just ended was guidance and scheduler. */
  void noteTimeBesideNetwork(Duration inNetwork) {
    Duration whole = timings.getOrDefault(timingOf(Phase.DENOISE), inNetwork);
    timings.put(Provenance.GUIDANCE_AND_SCHEDULER, whole.minus(inNetwork));
  }

  private static String timingOf(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }

  /** Reports that units of the running phase are done, and what has come of them. */
  void show(Phase phase, int done, int total, Optional<Preview> preview) {
    report(phase, done, total, fraction(phase, done, total, 0), preview);
  }

  private void report(Phase phase, int done, int total, double fractionOfPhase) {
    report(phase, done, total, fractionOfPhase, Optional.empty());
  }

  private void report(
      Phase phase, int done, int total, double fractionOfPhase, Optional<Preview> preview) {
    cancellationCheck.run();
    double weight = weightOf.getOrDefault(phase, 0.0);
    double before = startOf.getOrDefault(phase, 0.0);
    listener.onProgress(
        new Progress(
            phase,
            done,
            total,
            (before + weight * fractionOfPhase) / totalWeight,
            preview,
            timeLeft.at(phase, fractionOfPhase)));
  }

  /** Wall-clock time of each finished phase. */
  Map<Phase, Duration> timeOfPhases() {
    return timeOf;
  }

  /** Wall-clock time of each finished phase, and of what was noted. */
  Map<String, Duration> timings() {
    return timings;
  }
}
