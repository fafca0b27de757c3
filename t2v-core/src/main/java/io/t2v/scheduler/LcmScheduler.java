package io.t2v.scheduler;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Latent consistency models: Luo et al., "Latent Consistency Models". The reference's {@code
 * LCMScheduler}, for distilled models and adapters: 2 to 8 steps.
 *
 * <p>Draws noise in every step but the last. Takes timesteps of one's own.
 */
public final class LcmScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "LCMScheduler";

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

  /** Standard deviation of the data, as the models were distilled with. */
  private static final float SIGMA_DATA = 0.5f;

  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final CleanLimit limit;

  private LcmScheduler(OptionValues options) {
    super(NAME, options);
    this.schedule = NoiseSchedule.of(options);
    this.prediction = options.get(Options.PREDICTION_TYPE);
    this.limit = CleanLimit.of(options);
  }

  /**
   * Makes the scheduler from a configuration, of this or another scheduler.
   *
   * @param config the options of a {@code scheduler_config.json}
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, if options contradict each
   *     other, or if no scheduler knows one
   */
  public static LcmScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<LcmScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, LcmScheduler::new, LcmScheduler::check);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<LcmScheduler> toBuilder() {
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
    return new Plan(timesteps);
  }

  private final class Plan extends VariancePreservingPlan {
    Plan(double[] timesteps) {
      super(timesteps, schedule);
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float alpha = alphaAt(index);
      Blend clean = prediction.clean(sqrt(alpha), sqrt(1 - alpha));
      // the boundary condition: at timestep 0 the model's answer is the sample itself
      float scaled = (float) (timestep(index) * options().get(Options.TIMESTEP_SCALING));
      float norm = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
      float skip = SIGMA_DATA * SIGMA_DATA / norm;
      float out = scaled / sqrt(norm);

      boolean last = isLast(index);
      float signal = last ? 1 : sqrt(alphaAt(index + 1));
      Sum next =
          limit == CleanLimit.NONE
              ? clean
                  .times(out)
                  .plus(Blend.LATENTS.times(skip))
                  .times(signal)
                  .of(latents, modelOutput)
              : Sum.of(signal * out, limit.apply(clean.of(latents, modelOutput).tensor()))
                  .plus(signal * skip, latents);
      if (!last) {
        try (Tensor fresh = noise.gaussianLike(modelOutput)) {
          next = next.plus(sqrt(1 - alphaAt(index + 1)), fresh);
        }
      }
      return next.tensor();
    }
  }
}
