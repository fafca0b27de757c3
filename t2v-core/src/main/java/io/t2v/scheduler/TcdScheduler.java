package io.t2v.scheduler;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Trajectory consistency distillation: Zheng et al., "Trajectory Consistency Distillation". The
 * reference's {@code TCDScheduler}, for distilled models and adapters.
 *
 * <p>The request's eta is the paper's gamma: 0 is deterministic, 1 draws the most noise; the
 * reference's own default outside of pipelines is 0.3. Takes timesteps of one's own.
 */
public final class TcdScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "TCDScheduler";

  private static final OptionTable OPTIONS =
      Options.LATENT_NOISE_SCHEDULE
          .with(Options.BETA_SCHEDULE, BetaSchedule.SCALED_LINEAR)
          .with(Options.ORIGINAL_INFERENCE_STEPS, 50)
          .with(Options.CLIP_SAMPLE, false)
          .with(Options.SET_ALPHA_TO_ONE, true)
          .with(Options.STEPS_OFFSET, 0)
          .with(Options.THRESHOLDING, false)
          .with(Options.DYNAMIC_THRESHOLDING_RATIO, 0.995)
          .with(Options.CLIP_SAMPLE_RANGE, 1.0)
          .with(Options.SAMPLE_MAX_VALUE, 1.0)
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LEADING)
          .with(Options.TIMESTEP_SCALING, 10.0)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private final NoiseSchedule schedule;
  private final PredictionType prediction;

  private TcdScheduler(OptionValues options) {
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
  public static TcdScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<TcdScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, TcdScheduler::new, TcdScheduler::check);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<TcdScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  private static void check(OptionValues options, List<String> problems) {
    int original = options.get(Options.ORIGINAL_INFERENCE_STEPS);
    int trained = options.get(Options.NUM_TRAIN_TIMESTEPS);
    if (original > trained) {
      problems.add(
          "original_inference_steps is " + original + ", but num_train_timesteps is " + trained);
    }
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomSigmas(request);
    double[] timesteps =
        request.timesteps().isEmpty()
            ? Timesteps.distilled(
                request.steps(), options().get(Options.ORIGINAL_INFERENCE_STEPS), trainTimesteps())
            : Timesteps.custom(request.timesteps(), trainTimesteps());
    schedule.checkSignal((int) timesteps[0], prediction);
    return new Plan(timesteps, request.eta());
  }

  private final class Plan extends VariancePreservingPlan {
    private final double gamma;

    Plan(double[] timesteps, double gamma) {
      super(timesteps, schedule);
      this.gamma = gamma;
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      boolean last = isLast(index);
      int previous = last ? 0 : timestep(index + 1);
      // single precision, as in the reference, decides where the product is almost whole
      int between = (int) Math.floor((float) (1 - gamma) * previous);
      float alpha = alphaAt(index);
      float alphaBetween = schedule.alphaCumprod(between);
      Blend next =
          prediction
              .clean(sqrt(alpha), sqrt(1 - alpha))
              .times(sqrt(alphaBetween))
              .plus(prediction.noise(sqrt(alpha), sqrt(1 - alpha)).times(sqrt(1 - alphaBetween)));
      if (gamma == 0 || last) {
        return next.of(latents, modelOutput).tensor();
      }
      float ratio = schedule.alphaCumprod(previous) / alphaBetween;
      try (Tensor fresh = noise.gaussianLike(modelOutput)) {
        return next.times(sqrt(ratio))
            .of(latents, modelOutput)
            .plus(sqrt(1 - ratio), fresh)
            .tensor();
      }
    }
  }
}
