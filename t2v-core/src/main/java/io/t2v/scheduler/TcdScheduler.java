package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * Trajectory consistency distillation: Zheng et al., "Trajectory Consistency Distillation". The
 * reference's {@code TCDScheduler}, for distilled models and adapters.
 *
 * <p>The request's eta is the paper's gamma: 0 is deterministic, 1 draws the most noise; the
 * reference's own default outside of pipelines is 0.3. Takes custom timesteps.
 */
public final class TcdScheduler extends DistilledScheduler<TcdScheduler> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "TCDScheduler";

  private TcdScheduler(OptionValues options) {
    super(NAME, options, TcdScheduler::builder);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static TcdScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<TcdScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, TcdScheduler::new, TcdScheduler::check);
  }

  @Override
  TensorPlan newPlan(double[] timesteps, double eta) {
    return new Plan(timesteps, eta);
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
      LinearCombination towards =
          prediction
              .predEpsilon(modelOutput, latents, sqrt(alpha), sqrt(1 - alpha))
              .times(sqrt(1 - alphaBetween));
      LinearCombination next =
          prediction
              .predX0(modelOutput, latents, sqrt(alpha), sqrt(1 - alpha))
              .times(sqrt(alphaBetween))
              .plus(towards);
      if (gamma == 0 || last) {
        return next.tensor();
      }
      float ratio = schedule.alphaCumprod(previous) / alphaBetween;
      return withNoise(next.times(sqrt(ratio)), sqrt(1 - ratio), noise, modelOutput);
    }
  }
}
