package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method with ancestral noise, as in k-diffusion. The reference's {@code
 * EulerAncestralDiscreteScheduler}.
 *
 * <p>Draws noise in every step.
 */
public final class EulerAncestralDiscreteScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "EulerAncestralDiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .with(Options.NOISE_OR_VELOCITY, PredictionType.EPSILON)
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE)
          .with(Options.STEPS_OFFSET, 0)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private final NoiseSchedule schedule;
  private final PredictionType prediction;

  private EulerAncestralDiscreteScheduler(OptionValues options) {
    super(NAME, options);
    NoiseSchedule betas = NoiseSchedule.of(options);
    this.schedule =
        options.isOn(Options.RESCALE_BETAS_ZERO_SNR) ? betas.withTraceOfSignal() : betas;
    this.prediction = options.get(Options.PREDICTION_TYPE);
  }

  /**
   * Makes the scheduler from a configuration, of this or another scheduler.
   *
   * @param config the options of a {@code scheduler_config.json}
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, if options contradict each
   *     other, or if no scheduler knows one
   */
  public static EulerAncestralDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<EulerAncestralDiscreteScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, EulerAncestralDiscreteScheduler::new);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<EulerAncestralDiscreteScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomTimesteps(request);
    refuseCustomSigmas(request);
    SigmaLevels levels =
        SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.K_DIFFUSION);
    return new Plan(levels);
  }

  private final class Plan extends SigmaPlan {
    private final float[] levels;

    Plan(SigmaLevels run) {
      super(run.timesteps, run.levels, run.initialNoiseScale(options()));
      levels = run.levels;
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float level = levels[index];
      float up = up(level, levels[index + 1]);
      float down = down(levels[index + 1], up);
      Sum next =
          Blend.LATENTS.plus(slope(prediction, level).times(down - level)).of(latents, modelOutput);
      try (Tensor fresh = noise.gaussianLike(modelOutput)) {
        return next.plus(up, fresh).tensor();
      }
    }
  }
}
