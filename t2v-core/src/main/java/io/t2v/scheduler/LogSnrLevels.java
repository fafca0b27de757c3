package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

/** The timesteps and noise levels of one run of the DPM-Solver family. */
final class LogSnrLevels {
  /** Where the model is called. */
  final double[] timesteps;

  /** The noise levels there, and the one at which the run ends. */
  final LogSnr[] points;

  private LogSnrLevels(double[] timesteps, LogSnr[] points) {
    this.timesteps = timesteps;
    this.points = points;
  }

  /** Places the levels by a scheduler's options. */
  static LogSnrLevels of(
      NoiseSchedule schedule, OptionValues options, PlanRequest request, Family family) {
    NoiseLevels.Rule rule = NoiseLevels.Rule.of(options);
    boolean endsAtZero =
        options.getOr(Options.FINAL_SIGMAS_TYPE, FinalSigmas.SIGMA_MIN) == FinalSigmas.ZERO;
    if (rule == NoiseLevels.Rule.TIMESTEPS) {
      double[] timesteps =
          request.timesteps().isEmpty()
              ? spaced(schedule, options, request.steps())
              : Timesteps.custom(request.timesteps(), schedule.timesteps());
      double[] levels = NoiseLevels.map(timesteps, t -> schedule.sigma((int) t));
      return of(timesteps, NoiseLevels.withLast(levels, endsAtZero ? 0 : schedule.sigma(0)));
    }
    checkArgument(
        request.timesteps().isEmpty(),
        "timesteps are given, but the scheduler places noise levels by the rule %s",
        rule);
    float[] trained = schedule.sigmas();
    float[] logs = NoiseLevels.logs(trained);
    double[] levels = placed(rule, trained, logs, options, request.steps());
    boolean rounds = rounds(rule, options, family);
    double[] timesteps =
        NoiseLevels.map(
            levels,
            level -> {
              double t = NoiseLevels.timestepOf(level, logs);
              // the reference rounds some, and cuts off the fraction of the others
              return rounds ? Math.rint(t) : Math.floor(t);
            });
    float lowest =
        family == Family.UNIPC_AND_DEIS ? (float) levels[levels.length - 1] : schedule.sigma(0);
    return of(timesteps, NoiseLevels.withLast(levels, endsAtZero ? 0 : lowest));
  }

  private static LogSnrLevels of(double[] timesteps, float[] levels) {
    LogSnr[] points = new LogSnr[levels.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = LogSnr.ofLevel(levels[i]);
    }
    return new LogSnrLevels(timesteps, points);
  }

  private static double[] placed(
      NoiseLevels.Rule rule, float[] trained, float[] logs, OptionValues options, int steps) {
    if (rule == NoiseLevels.Rule.LU) {
      // the reference begins with logarithms in single precision
      return NoiseLevels.map(Timesteps.linspace(logs[logs.length - 1], logs[0], steps), Math::exp);
    }
    double min = options.get(Options.SIGMA_MIN).orElse((double) trained[0]);
    double max = options.get(Options.SIGMA_MAX).orElse((double) trained[trained.length - 1]);
    return NoiseLevels.placed(rule, min, max, steps);
  }

  private static boolean rounds(NoiseLevels.Rule rule, OptionValues options, Family family) {
    return switch (rule) {
      case KARRAS, LU ->
          family != Family.DPM_SOLVER
              || options.get(Options.BETA_SCHEDULE) != BetaSchedule.SQUARED_COSINE;
      default -> false;
    };
  }

  private static double[] spaced(NoiseSchedule schedule, OptionValues options, int steps) {
    int trained = schedule.timesteps();
    double minLambda = options.getOr(Options.LAMBDA_MIN_CLIPPED, Double.NEGATIVE_INFINITY);
    return Timesteps.spacedBeforeEnd(
        options.getOr(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE),
        steps,
        trained,
        trained - clipped(schedule, minLambda),
        options.getOr(Options.STEPS_OFFSET, 0));
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

  /** Details in which the members of the family differ. */
  enum Family {
    /** Levels placed by a rule end at the lowest trained one; cosine timesteps keep no fraction. */
    DPM_SOLVER,
    /** The same, but timesteps of Karras levels are always rounded. */
    DPM_SOLVER_SINGLESTEP,
    /** Levels placed by a rule end with the last one placed. */
    UNIPC_AND_DEIS
  }
}
