package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkState;

import org.bytedeco.pytorch.Tensor;

/**
 * The midpoint method in the logarithm of the noise level, after DPM-Solver-2, as in k-diffusion.
 * The reference's {@code KDPM2DiscreteScheduler}.
 *
 * <p>Evaluates the model twice in every step but the last: a run of n steps has 2 n − 1 timesteps.
 */
public final class KDpm2DiscreteScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "KDPM2DiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.withLevelRules(Options.LATENT_NOISE_SCHEDULE)
          .with(Options.NOISE_OR_VELOCITY, PredictionType.EPSILON)
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE)
          .with(Options.STEPS_OFFSET, 0);

  private final NoiseSchedule schedule;
  private final PredictionType prediction;

  private KDpm2DiscreteScheduler(OptionValues options) {
    super(NAME, options);
    this.schedule = NoiseSchedule.of(options);
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
  public static KDpm2DiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<KDpm2DiscreteScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, KDpm2DiscreteScheduler::new);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<KDpm2DiscreteScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomTimesteps(request);
    refuseCustomSigmas(request);
    SigmaLevels levels =
        SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.K_DIFFUSION)
            .withWholeKarrasTimesteps(options());
    return new Plan(levels, levels.withMidpoints(schedule, middles(levels.levels)));
  }

  private static float[] middles(float[] levels) {
    float[] middles = new float[levels.length - 2];
    for (int i = 0; i < middles.length; i++) {
      middles[i] = NoiseLevels.geometricMean(levels[i + 1], levels[i]);
    }
    return middles;
  }

  private final class Plan extends SigmaPlan {
    private final TensorHistory start = new TensorHistory(1);
    private final SigmaLevels run;

    Plan(SigmaLevels run, SigmaLevels evaluations) {
      super(evaluations.timesteps, evaluations.levels, run.initialNoiseScale(options()));
      this.run = run;
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float level = level(index);
      Blend slope = slope(prediction, level);
      int step = index / 2;
      if (index % 2 == 0) {
        boolean last = step == run.steps() - 1;
        float width = (last ? 0 : level(index + 1)) - level;
        start.push(Sum.of(1, latents).tensor());
        return Blend.LATENTS.plus(slope.times(width)).of(latents, modelOutput).tensor();
      }
      checkState(start.size() > 0, "a run of this scheduler cannot begin at timestep %s", index);
      float width = run.levels[step + 1] - run.levels[step];
      return slope.times(width).of(latents, modelOutput).plus(1, start.get(0)).tensor();
    }

    @Override
    public void close() {
      start.close();
      super.close();
    }
  }
}
