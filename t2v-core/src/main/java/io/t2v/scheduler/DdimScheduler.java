package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * DDIM: Song et al., "Denoising Diffusion Implicit Models". The reference's {@code DDIMScheduler}.
 *
 * <p>Deterministic unless the request's eta is above 0, where every step draws noise.
 */
public final class DdimScheduler extends DiscreteScheduler<DdimScheduler.Builder> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DDIMScheduler";

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .with(Options.CLIP_SAMPLE, true)
          .with(Options.SET_ALPHA_TO_ONE, true)
          .withThresholding()
          .with(Options.CLIP_SAMPLE_RANGE, 1.0)
          .withSpacing(TimestepSpacing.LEADING)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private final float finalAlpha;

  private DdimScheduler(OptionValues options) {
    super(NAME, options, DdimScheduler::builder);
    this.finalAlpha = options.isOn(Options.SET_ALPHA_TO_ONE) ? 1 : schedule.alphaCumprod(0);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
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

  @Override
  TensorPlan newPlan(PlanRequest request) {
    double[] timesteps = timesteps(request);
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

      LinearCombination x0 = prediction.predX0(modelOutput, latents, signal, spread);
      LinearCombination towards =
          prediction.predEpsilon(modelOutput, latents, signal, spread).times(direction);
      LinearCombination next =
          clipping == SampleClipping.NONE
              ? x0.times(signalPrevious).plus(towards)
              : LinearCombination.of(signalPrevious, clipping.apply(x0.tensor())).plus(towards);
      return eta > 0 ? withNoise(next, deviation, noise, modelOutput) : next.tensor();
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
