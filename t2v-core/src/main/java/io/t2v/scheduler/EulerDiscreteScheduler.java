package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method on the equation of Karras et al., "Elucidating the Design Space of Diffusion-Based
 * Generative Models" (algorithm 2 without churn). The reference's {@code EulerDiscreteScheduler}.
 *
 * <p>Takes custom timesteps or noise levels.
 */
public final class EulerDiscreteScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<EulerDiscreteScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "EulerDiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .withLevelRules()
          .with(Options.INTERPOLATION_TYPE, InterpolationType.LINEAR)
          .with(Options.TIMESTEP_TYPE, TimestepType.DISCRETE)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false)
          .with(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO)
          .withSpacing(TimestepSpacing.LINSPACE);

  private EulerDiscreteScheduler(OptionValues options) {
    super(NAME, options, EulerDiscreteScheduler::builder, NoiseSchedule.withFiniteSigmas(options));
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static EulerDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<EulerDiscreteScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, EulerDiscreteScheduler::new);
  }

  @Override
  boolean takesTimesteps() {
    return true;
  }

  @Override
  boolean takesSigmas() {
    return true;
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
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
    Plan(SigmaLevels levels) {
      super(levels, levels.initialNoiseScale(options()));
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float from = level(index);
      return LinearCombination.of(latents)
          .plus(slope(prediction, modelOutput, latents, from).times(level(index + 1) - from))
          .tensor();
    }
  }
}
