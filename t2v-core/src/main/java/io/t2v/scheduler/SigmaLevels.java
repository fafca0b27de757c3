package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The timesteps and noise levels of one run of the schedulers in which latents = clean + level ·
 * noise (those that the reference has from k-diffusion).
 */
final class SigmaLevels {
  /** Timesteps of the steps. */
  final double[] timesteps;

  /** Noise levels of the steps, and the one at which the run ends. */
  final float[] levels;

  SigmaLevels(double[] timesteps, float[] levels) {
    this.timesteps = timesteps;
    this.levels = levels;
  }

  /** Details in which the members of the family differ. */
  enum Family {
    /** sigma_min and sigma_max hold for Karras levels as well; timesteps in single precision. */
    K_DIFFUSION,
    /** sigma_min and sigma_max do not hold for Karras levels; timesteps in single precision. */
    LMS,
    /** sigma_min and sigma_max do not hold for Karras levels; timesteps in double precision. */
    DPM_SOLVER_SDE
  }

  /**
   * Places the levels by a scheduler's options.
   *
   * @param schedule the trained levels
   * @param options the scheduler's options
   * @param request what the run asks for
   * @param family which details to follow
   * @return the levels
   */
  static SigmaLevels of(
      NoiseSchedule schedule, OptionValues options, PlanRequest request, Family family) {
    NoiseLevels.Rule rule = NoiseLevels.Rule.of(options);
    double[] timesteps = timesteps(schedule, options, request, rule, family);
    float[] trained = schedule.sigmas();
    double[] levels = NoiseLevels.map(timesteps, t -> NoiseLevels.interpolated(trained, t));
    if (rule != NoiseLevels.Rule.TIMESTEPS) {
      boolean readsRange = family == Family.K_DIFFUSION || rule != NoiseLevels.Rule.KARRAS;
      double min = levels[levels.length - 1];
      double max = levels[0];
      if (readsRange) {
        min = options.get(Options.SIGMA_MIN).orElse(min);
        max = options.get(Options.SIGMA_MAX).orElse(max);
      }
      levels = NoiseLevels.placed(rule, min, max, request.steps());
      float[] logs = NoiseLevels.logs(trained);
      timesteps = NoiseLevels.map(levels, level -> NoiseLevels.timestepOf(level, logs));
    }
    float last =
        options.getOr(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO) == FinalSigmas.ZERO
            ? 0
            : schedule.sigma(0);
    return new SigmaLevels(timesteps, NoiseLevels.withLast(levels, last));
  }

  private static double[] timesteps(
      NoiseSchedule schedule,
      OptionValues options,
      PlanRequest request,
      NoiseLevels.Rule rule,
      Family family) {
    if (request.timesteps().isEmpty()) {
      double[] timesteps =
          Timesteps.continuous(
              options.get(Options.TIMESTEP_SPACING),
              request.steps(),
              schedule.timesteps(),
              options.get(Options.STEPS_OFFSET));
      return family == Family.DPM_SOLVER_SDE
          ? timesteps
          : NoiseLevels.map(timesteps, t -> (float) t);
    }
    checkArgument(
        rule == NoiseLevels.Rule.TIMESTEPS,
        "timesteps are given, but the scheduler places noise levels by the rule %s",
        rule);
    return Timesteps.custom(request.timesteps(), schedule.timesteps());
  }

  /** The same levels; timesteps of Karras levels are rounded, as some of the reference's are. */
  SigmaLevels withWholeKarrasTimesteps(OptionValues options) {
    return NoiseLevels.Rule.of(options) == NoiseLevels.Rule.KARRAS
        ? new SigmaLevels(NoiseLevels.map(timesteps, Math::rint), levels)
        : this;
  }

  /** For solvers that evaluate the model again at the end of each step but the last. */
  SigmaLevels interleaved() {
    double[] times = new double[2 * steps() - 1];
    float[] values = new float[times.length];
    for (int i = 0; i < times.length; i++) {
      times[i] = timesteps[(i + 1) / 2];
      values[i] = levels[(i + 1) / 2];
    }
    return new SigmaLevels(times, values);
  }

  /** For solvers that evaluate the model again inside each step but the last. */
  SigmaLevels withMidpoints(NoiseSchedule schedule, float[] middles) {
    float[] logs = NoiseLevels.logs(schedule.sigmas());
    double[] times = new double[2 * steps() - 1];
    float[] values = new float[times.length];
    for (int i = 0; i < times.length; i++) {
      boolean middle = i % 2 == 1;
      values[i] = middle ? middles[i / 2] : levels[i / 2];
      times[i] = middle ? NoiseLevels.timestepOf(middles[i / 2], logs) : timesteps[i / 2];
    }
    return new SigmaLevels(times, values);
  }

  int steps() {
    return timesteps.length;
  }

  /**
   * What the latents of a run are scaled with at its start.
   *
   * @param options with the spacing: leading timesteps begin below pure noise
   */
  double initialNoiseScale(OptionValues options) {
    float max = 0;
    for (float level : levels) {
      max = Math.max(max, level);
    }
    return options.get(Options.TIMESTEP_SPACING) == TimestepSpacing.LEADING
        ? (float) Math.sqrt(max * max + 1)
        : max;
  }
}
