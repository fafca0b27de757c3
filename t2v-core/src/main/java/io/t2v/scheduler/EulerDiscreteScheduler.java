package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method on the equation of Karras et al., "Elucidating the Design Space of Diffusion-Based
 * Generative Models" (algorithm 2 without churn). The reference's {@code EulerDiscreteScheduler}.
 *
 * <p>Takes timesteps or noise levels of one's own.
 */
public final class EulerDiscreteScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "EulerDiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.withLevelRules(Options.NOISE_SCHEDULE)
          .with(Options.INTERPOLATION_TYPE, InterpolationType.LINEAR)
          .with(Options.TIMESTEP_TYPE, TimestepType.DISCRETE)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false)
          .with(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO)
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE)
          .with(Options.STEPS_OFFSET, 0);

  private final NoiseSchedule schedule;
  private final PredictionType prediction;

  private EulerDiscreteScheduler(OptionValues options) {
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
  public static EulerDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<EulerDiscreteScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, EulerDiscreteScheduler::new);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<EulerDiscreteScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    SigmaLevels placed = request.sigmas().isEmpty() ? placed(request) : custom(request);
    if (!isContinuous()) {
      return new Plan(placed);
    }
    checkArgument(
        request.timesteps().isEmpty(),
        "timesteps are given, but timestep_type continuous forms them of the noise levels");
    double[] timesteps = new double[placed.steps()];
    for (int i = 0; i < timesteps.length; i++) {
      timesteps[i] = 0.25f * (float) Math.log(placed.levels[i]);
    }
    return new Plan(new SigmaLevels(timesteps, placed.levels));
  }

  private boolean isContinuous() {
    return prediction == PredictionType.V_PREDICTION
        && options().get(Options.TIMESTEP_TYPE) == TimestepType.CONTINUOUS;
  }

  private SigmaLevels placed(PlanRequest request) {
    SigmaLevels placed =
        SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.K_DIFFUSION);
    if (options().get(Options.INTERPOLATION_TYPE) == InterpolationType.LINEAR
        || NoiseLevels.Rule.of(options()) != NoiseLevels.Rule.TIMESTEPS) {
      return placed;
    }
    double high = (float) Math.log(schedule.sigma(trainTimesteps() - 1));
    double low = (float) Math.log(schedule.sigma(0));
    double[] levels =
        NoiseLevels.map(Timesteps.linspace(high, low, request.steps() + 1), Math::exp);
    return new SigmaLevels(placed.timesteps, NoiseLevels.withLast(levels, 0));
  }

  private SigmaLevels custom(PlanRequest request) {
    float[] levels = new float[request.sigmas().size()];
    float before = Float.POSITIVE_INFINITY;
    for (int i = 0; i < levels.length; i++) {
      levels[i] = request.sigmas().get(i).floatValue();
      checkArgument(
          levels[i] >= 0 && levels[i] < before,
          "sigmas is %s, expected falling noise levels",
          request.sigmas());
      before = levels[i];
    }
    float[] logs = NoiseLevels.logs(schedule.sigmas());
    double[] timesteps = new double[levels.length - 1];
    for (int i = 0; i < timesteps.length; i++) {
      timesteps[i] = NoiseLevels.timestepOf(levels[i], logs);
    }
    return new SigmaLevels(timesteps, levels);
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
      return Blend.LATENTS
          .plus(slope(prediction, level).times(levels[index + 1] - level))
          .of(latents, modelOutput)
          .tensor();
    }
  }
}
