package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

/** The timesteps and noise levels of one run of the DPM-Solver family. */
final class LogSnrLevels {
  /** Where the model is asked. */
  final double[] timesteps;

  /** The noise levels there, and the one at which the run ends. */
  final LogSnr[] points;

  private LogSnrLevels(double[] timesteps, LogSnr[] points) {
    this.timesteps = timesteps;
    this.points = points;
  }

  /** Places the levels by a scheduler's options. */
  static LogSnrLevels of(NoiseSchedule schedule, OptionValues options, PlanRequest request) {
    NoiseLevels.Rule rule = NoiseLevels.Rule.of(options);
    float last = options.get(Options.FINAL_SIGMAS_TYPE) == FinalSigmas.ZERO ? 0 : schedule.sigma(0);
    if (rule == NoiseLevels.Rule.TIMESTEPS) {
      double[] timesteps =
          request.timesteps().isEmpty()
              ? spaced(schedule, options, request.steps())
              : Timesteps.custom(request.timesteps(), schedule.timesteps());
      double[] levels = NoiseLevels.map(timesteps, t -> schedule.sigma((int) t));
      return of(timesteps, NoiseLevels.withLast(levels, last));
    }
    checkArgument(
        request.timesteps().isEmpty(),
        "timesteps are given, but the scheduler places noise levels by the rule %s",
        rule);
    float[] trained = schedule.sigmas();
    float[] logs = NoiseLevels.logs(trained);
    double[] levels;
    if (rule == NoiseLevels.Rule.LU) {
      // the reference begins with logarithms in single precision
      double[] lambdas = Timesteps.linspace(logs[logs.length - 1], logs[0], request.steps());
      levels = NoiseLevels.map(lambdas, Math::exp);
    } else {
      double min = options.get(Options.SIGMA_MIN).orElse((double) trained[0]);
      double max = options.get(Options.SIGMA_MAX).orElse((double) trained[trained.length - 1]);
      levels = NoiseLevels.placed(rule, min, max, request.steps());
    }
    boolean rounds =
        (rule == NoiseLevels.Rule.KARRAS || rule == NoiseLevels.Rule.LU)
            && options.get(Options.BETA_SCHEDULE) != BetaSchedule.SQUARED_COSINE;
    double[] timesteps =
        NoiseLevels.map(
            levels,
            level -> {
              double t = NoiseLevels.timestepOf(level, logs);
              // the reference rounds some, and cuts off the fraction of the others
              return rounds ? Math.rint(t) : Math.floor(t);
            });
    return of(timesteps, NoiseLevels.withLast(levels, last));
  }

  private static LogSnrLevels of(double[] timesteps, float[] levels) {
    LogSnr[] points = new LogSnr[levels.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = LogSnr.ofLevel(levels[i]);
    }
    return new LogSnrLevels(timesteps, points);
  }

  private static double[] spaced(NoiseSchedule schedule, OptionValues options, int steps) {
    int trained = schedule.timesteps();
    return Timesteps.spacedBeforeEnd(
        options.get(Options.TIMESTEP_SPACING),
        steps,
        trained,
        trained - clipped(schedule, options.get(Options.LAMBDA_MIN_CLIPPED)),
        options.get(Options.STEPS_OFFSET));
  }

  /** How many timesteps at the noisy end lie below the least lambda. */
  private static int clipped(NoiseSchedule schedule, double minLambda) {
    int clipped = 0;
    while (clipped < schedule.timesteps() - 1
        && schedule.lambda(schedule.timesteps() - 1 - clipped) < minLambda) {
      clipped++;
    }
    return clipped;
  }
}
