package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * DDPM: Ho et al., "Denoising Diffusion Probabilistic Models". The reference's {@code
 * DDPMScheduler}.
 *
 * <p>Draws noise in every step but the last. Needs many steps. Takes custom timesteps.
 */
public final class DdpmScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<DdpmScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DDPMScheduler";

  private static final float MIN_VARIANCE = 1e-20f;

  // the reference forms the root of a logarithm for fixed_large_log, which is no number; here it
  // means what its name says
  private static final Option<VarianceType> VARIANCE_TYPE =
      Option.choice(Options.VARIANCE_TYPE.name(), List.of(VarianceType.values()));

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .with(
              Option.choice(
                  Options.BETA_SCHEDULE.name(),
                  List.of(
                      BetaSchedule.LINEAR,
                      BetaSchedule.SCALED_LINEAR,
                      BetaSchedule.SQUARED_COSINE,
                      BetaSchedule.SIGMOID,
                      BetaSchedule.LAPLACE)),
              BetaSchedule.LINEAR)
          .with(VARIANCE_TYPE, VarianceType.FIXED_SMALL)
          .with(Options.CLIP_SAMPLE, true)
          .withThresholding()
          .with(Options.CLIP_SAMPLE_RANGE, 1.0)
          .withSpacing(TimestepSpacing.LEADING)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private final VarianceType variance;

  private DdpmScheduler(OptionValues options) {
    super(NAME, options, DdpmScheduler::builder);
    this.variance = options.get(VARIANCE_TYPE);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static DdpmScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<DdpmScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, DdpmScheduler::new);
  }

  @Override
  boolean takesTimesteps() {
    return true;
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    double[] timesteps = timesteps(request);
    schedule.checkSignal((int) timesteps[0], prediction);
    return new Plan(timesteps);
  }

  private final class Plan extends VariancePreservingPlan {
    Plan(double[] timesteps) {
      super(timesteps, schedule);
    }

    /** Formula (7) of the paper for the mean, (6) for the variance. */
    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float alpha = alphaAt(index);
      float alphaPrevious = isLast(index) ? 1 : alphaAt(index + 1);
      float ratio = alpha / alphaPrevious;
      float beta = 1 - ratio;
      float rest = 1 - alpha;
      float restPrevious = 1 - alphaPrevious;
      Tensor mean = meanOf(modelOutput, latents);

      LinearCombination x0 = prediction.predX0(mean, latents, sqrt(alpha), sqrt(rest));
      float ofX0 = sqrt(alphaPrevious) * beta / rest;
      float ofLatents = sqrt(ratio) * restPrevious / rest;
      LinearCombination next =
          clipping == SampleClipping.NONE
              ? x0.times(ofX0).plus(ofLatents, latents)
              : LinearCombination.of(ofX0, clipping.apply(x0.tensor())).plus(ofLatents, latents);
      if (timestep(index) == 0) {
        return next.tensor();
      }
      float posterior = Math.max(restPrevious / rest * beta, MIN_VARIANCE);
      try (Tensor fresh = noise.randnLike(mean)) {
        return addNoise(next, fresh, modelOutput, posterior, beta).tensor();
      }
    }

    private LinearCombination addNoise(
        LinearCombination next, Tensor fresh, Tensor modelOutput, float posterior, float beta) {
      return switch (variance) {
        case FIXED_SMALL -> next.plus(sqrt(posterior), fresh);
        case FIXED_SMALL_LOG ->
            next.plus((float) Math.exp(0.5f * (float) Math.log(posterior)), fresh);
        case FIXED_LARGE, FIXED_LARGE_LOG -> next.plus(sqrt(beta), fresh);
        case LEARNED -> next.plus(1, fresh.mul(learned(modelOutput).sqrt()));
        case LEARNED_RANGE -> {
          // half the logarithm of the variance lies between those of posterior and beta
          double low = 0.5 * Math.log(posterior);
          double high = 0.5 * Math.log(beta);
          Tensor deviation =
              learned(modelOutput)
                  .mul(new Scalar((high - low) / 2))
                  .add_(new Scalar((high + low) / 2))
                  .exp_();
          yield next.plus(1, fresh.mul(deviation));
        }
      };
    }

    private boolean isLearned() {
      return variance == VarianceType.LEARNED || variance == VarianceType.LEARNED_RANGE;
    }

    private Tensor meanOf(Tensor modelOutput, Tensor latents) {
      if (!isLearned()) {
        return modelOutput;
      }
      long channels = latents.size(1);
      checkArgument(
          modelOutput.size(1) == 2 * channels,
          "the model's output has %s channels, but variance_type %s needs %s",
          modelOutput.size(1),
          variance.configName(),
          2 * channels);
      return modelOutput.narrow(1, 0, channels);
    }

    private Tensor learned(Tensor modelOutput) {
      long channels = modelOutput.size(1) / 2;
      return modelOutput.narrow(1, channels, channels);
    }
  }
}
