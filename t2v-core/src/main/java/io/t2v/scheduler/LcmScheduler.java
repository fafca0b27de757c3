package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * Latent consistency models: Luo et al., "Latent Consistency Models". The reference's {@code
 * LCMScheduler}, for distilled models and adapters: 2 to 8 steps.
 *
 * <p>Draws noise in every step but the last. Takes custom timesteps.
 *
 * <p>With {@code integer_skipping_step} it visits the timesteps of T2V-Turbo's scheduler: a whole
 * number of the distilled steps is left out between two of them, so that 4 steps of 50 are at 999,
 * 759, 519 and 279 in place of 999, 759, 499 and 259. The two agree where the number of steps
 * divides {@code original_inference_steps}.
 */
public final class LcmScheduler extends DistilledScheduler<LcmScheduler> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "LCMScheduler";

  /** Standard deviation of the data, as the models were distilled with. */
  private static final float SIGMA_DATA = 0.5f;

  private LcmScheduler(OptionValues options) {
    super(NAME, options, LcmScheduler::builder);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static LcmScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<LcmScheduler> builder() {
    return new StandardSchedulerBuilder<>(
        NAME,
        OPTIONS.with(Options.INTEGER_SKIPPING_STEP, false),
        LcmScheduler::new,
        LcmScheduler::check);
  }

  @Override
  double[] timesteps(int steps, int original) {
    return options().get(Options.INTEGER_SKIPPING_STEP)
        ? Timesteps.distilledByIntegerSkips(steps, original, trainTimesteps())
        : super.timesteps(steps, original);
  }

  @Override
  TensorPlan newPlan(double[] timesteps, double eta) {
    return new Plan(timesteps);
  }

  private final class Plan extends VariancePreservingPlan {
    Plan(double[] timesteps) {
      super(timesteps, schedule);
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float alpha = alphaAt(index);
      LinearCombination x0 = prediction.predX0(modelOutput, latents, sqrt(alpha), sqrt(1 - alpha));
      // the boundary condition: at timestep 0 the model's answer is the sample itself
      float scaled = (float) (timestep(index) * options().get(Options.TIMESTEP_SCALING));
      float norm = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
      float skip = SIGMA_DATA * SIGMA_DATA / norm;
      float out = scaled / sqrt(norm);

      boolean last = isLast(index);
      float signal = last ? 1 : sqrt(alphaAt(index + 1));
      LinearCombination next =
          clipping == SampleClipping.NONE
              ? x0.times(out).plus(skip, latents).times(signal)
              : LinearCombination.of(signal * out, clipping.apply(x0.tensor()))
                  .plus(signal * skip, latents);
      return last
          ? next.tensor()
          : withNoise(next, sqrt(1 - alphaAt(index + 1)), noise, modelOutput);
    }
  }
}
