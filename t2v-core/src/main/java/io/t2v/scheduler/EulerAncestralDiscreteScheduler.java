package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method with ancestral noise, as in k-diffusion. The reference's {@code
 * EulerAncestralDiscreteScheduler}.
 *
 * <p>Draws noise in every step.
 */
public final class EulerAncestralDiscreteScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<EulerAncestralDiscreteScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "EulerAncestralDiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .with(Options.NOISE_OR_VELOCITY, PredictionType.EPSILON)
          .withSpacing(TimestepSpacing.LINSPACE)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private EulerAncestralDiscreteScheduler(OptionValues options) {
    super(
        NAME,
        options,
        EulerAncestralDiscreteScheduler::builder,
        NoiseSchedule.withFiniteSigmas(options));
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static EulerAncestralDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<EulerAncestralDiscreteScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, EulerAncestralDiscreteScheduler::new);
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    return new Plan(SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.K_DIFFUSION));
  }

  private final class Plan extends SigmaPlan {
    Plan(SigmaLevels levels) {
      super(levels, levels.initialNoiseScale(options()));
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float from = level(index);
      float up = up(from, level(index + 1));
      float width = down(level(index + 1), up) - from;
      LinearCombination next =
          LinearCombination.of(latents)
              .plus(slope(prediction, modelOutput, latents, from).times(width));
      return withNoise(next, up, noise, modelOutput);
    }
  }
}
