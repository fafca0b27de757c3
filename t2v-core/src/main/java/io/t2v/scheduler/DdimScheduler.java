package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * DDIM: Song et al., "Denoising Diffusion Implicit Models". The reference's {@code DDIMScheduler}.
 *
 * <p>Deterministic unless the request's eta is above 0, where every step draws noise.
 */
public final class DdimScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DDIMScheduler";

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .with(Options.CLIP_SAMPLE, true)
          .with(Options.SET_ALPHA_TO_ONE, true)
          .with(Options.STEPS_OFFSET, 0)
          .with(Options.THRESHOLDING, false)
          .with(Options.DYNAMIC_THRESHOLDING_RATIO, 0.995)
          .with(Options.CLIP_SAMPLE_RANGE, 1.0)
          .with(Options.SAMPLE_MAX_VALUE, 1.0)
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LEADING)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final CleanLimit limit;
  private final float finalAlpha;

  private DdimScheduler(OptionValues options) {
    super(NAME, options);
    this.schedule = NoiseSchedule.of(options);
    this.prediction = options.get(Options.PREDICTION_TYPE);
    this.limit = CleanLimit.of(options);
    this.finalAlpha = options.isOn(Options.SET_ALPHA_TO_ONE) ? 1 : schedule.alphaCumprod(0);
  }

  /**
   * Makes the scheduler from a configuration, of this or another scheduler.
   *
   * @param config the options of a {@code scheduler_config.json}
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, or if no scheduler knows it
   */
  public static DdimScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return builder().copyOf(options());
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomTimesteps(request);
    refuseCustomSigmas(request);
    double[] timesteps =
        Timesteps.spaced(
            options().get(Options.TIMESTEP_SPACING),
            request.steps(),
            trainTimesteps(),
            options().get(Options.STEPS_OFFSET));
    schedule.checkSignal((int) timesteps[0], prediction);
    return new Plan(timesteps, trainTimesteps() / request.steps(), (float) request.eta());
  }

  private final class Plan extends VariancePreservingPlan {
    private final int stride;
    private final float eta;

    Plan(double[] timesteps, int stride, float eta) {
      super(timesteps, schedule);
      this.stride = stride;
      this.eta = eta;
    }

    /** Formulas (12) and (16) of the paper, in its names. */
    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      // the reference goes back by the stride even where the spacing is another
      int previous = timestep(index) - stride;
      float alpha = alphaAt(index);
      float alphaPrevious = previous >= 0 ? schedule.alphaCumprod(previous) : finalAlpha;
      float signal = sqrt(alpha);
      float spread = sqrt(1 - alpha);
      float variance = (1 - alphaPrevious) / (1 - alpha) * (1 - alpha / alphaPrevious);
      float deviation = eta * sqrt(variance);
      float signalPrevious = sqrt(alphaPrevious);
      float direction = sqrt(1 - alphaPrevious - deviation * deviation);

      Blend clean = prediction.clean(signal, spread);
      Blend towards = prediction.noise(signal, spread).times(direction);
      Sum next;
      if (limit == CleanLimit.NONE) {
        next = clean.times(signalPrevious).plus(towards).of(latents, modelOutput);
      } else {
        Tensor limited = limit.apply(clean.of(latents, modelOutput).tensor());
        next =
            Sum.of(signalPrevious, limited)
                .plus(towards.ofLatents(), latents)
                .plus(towards.ofModel(), modelOutput);
      }
      if (eta > 0) {
        try (Tensor fresh = noise.gaussianLike(modelOutput)) {
          next = next.plus(deviation, fresh);
        }
      }
      return next.tensor();
    }
  }

  /** Builds a {@link DdimScheduler}. */
  public static final class Builder extends SchedulerBuilder<DdimScheduler, Builder> {
    private Builder() {
      super(NAME, OPTIONS);
    }

    /**
     * Sets whether predicted clean samples are clipped to the clip range; default true. Latents are
     * not to be clipped.
     *
     * @param clip whether to clip
     * @return this builder
     */
    public Builder clipSample(boolean clip) {
      return option(Options.CLIP_SAMPLE.name(), clip);
    }

    /**
     * Sets which timesteps a run visits; default leading.
     *
     * @param spacing the rule
     * @return this builder
     */
    public Builder timestepSpacing(TimestepSpacing spacing) {
      return option(Options.TIMESTEP_SPACING.name(), spacing);
    }

    /**
     * Sets what is added to leading timesteps; default 0.
     *
     * @param offset at least 0
     * @return this builder
     * @throws IllegalArgumentException if below 0
     */
    public Builder stepsOffset(int offset) {
      return option(Options.STEPS_OFFSET.name(), offset);
    }

    /**
     * Sets whether the last step goes to the clean sample instead of the first timestep; default
     * true.
     *
     * @param toOne whether the last alpha is 1
     * @return this builder
     */
    public Builder setAlphaToOne(boolean toOne) {
      return option(Options.SET_ALPHA_TO_ONE.name(), toOne);
    }

    /**
     * Sets whether the schedule is rescaled to end in pure noise; default false.
     *
     * @param rescale whether to rescale
     * @return this builder
     */
    public Builder rescaleBetasZeroSnr(boolean rescale) {
      return option(Options.RESCALE_BETAS_ZERO_SNR.name(), rescale);
    }

    @Override
    DdimScheduler create(OptionValues options) {
      return new DdimScheduler(options);
    }
  }
}
