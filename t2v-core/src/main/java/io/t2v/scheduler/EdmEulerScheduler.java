package io.t2v.scheduler;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method in the formulation of Karras et al., "Elucidating the Design Space of
 * Diffusion-Based Generative Models", for models that were trained in it. The reference's {@code
 * EDMEulerScheduler}.
 *
 * <p>Timesteps are a quarter of the logarithm of the noise level.
 */
public final class EdmEulerScheduler
    extends ConfiguredScheduler<StandardSchedulerBuilder<EdmEulerScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "EDMEulerScheduler";

  private static final Option<Double> SIGMA_MIN =
      Option.positive(Options.SIGMA_MIN.name(), Options.MAX);
  private static final Option<Double> SIGMA_MAX =
      Option.positive(Options.SIGMA_MAX.name(), Options.MAX);

  private static final OptionTable OPTIONS =
      OptionTable.empty()
          .with(SIGMA_MIN, 0.002)
          .with(SIGMA_MAX, 80.0)
          .with(Options.SIGMA_DATA, 0.5)
          .with(Options.SIGMA_SCHEDULE, SigmaSchedule.KARRAS)
          .with(Options.NUM_TRAIN_TIMESTEPS, 1000)
          .with(Options.NOISE_OR_VELOCITY, PredictionType.EPSILON)
          .with(Options.RHO, 7.0)
          .with(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO);

  private EdmEulerScheduler(OptionValues options) {
    super(NAME, options, EdmEulerScheduler::builder);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static EdmEulerScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<EdmEulerScheduler> builder() {
    return new StandardSchedulerBuilder<>(
        NAME, OPTIONS, EdmEulerScheduler::new, EdmEulerScheduler::check);
  }

  private static void check(OptionValues options, List<String> problems) {
    if (options.get(SIGMA_MIN) >= options.get(SIGMA_MAX)) {
      problems.add(
          "sigma_min is "
              + options.get(SIGMA_MIN)
              + ", expected less than sigma_max, "
              + options.get(SIGMA_MAX));
    }
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    double min = options().get(SIGMA_MIN);
    double max = options().get(SIGMA_MAX);
    double[] levels =
        options().get(Options.SIGMA_SCHEDULE) == SigmaSchedule.KARRAS
            ? NoiseLevels.karras(min, max, options().get(Options.RHO), request.steps())
            : exponential(min, max, request.steps());
    float last =
        options().get(Options.FINAL_SIGMAS_TYPE) == FinalSigmas.ZERO
            ? 0
            : (float) levels[levels.length - 1];
    float[] all = NoiseLevels.withLast(levels, last);
    double[] timesteps = new double[levels.length];
    for (int i = 0; i < timesteps.length; i++) {
      timesteps[i] = 0.25f * (float) Math.log(all[i]);
    }
    return new Plan(new SigmaLevels(timesteps, all));
  }

  /** Counted from the low end, as in the reference: a single step is at the lowest level. */
  private static double[] exponential(double min, double max, int steps) {
    double[] rising = Timesteps.linspace(Math.log(min), Math.log(max), steps);
    double[] levels = new double[steps];
    for (int i = 0; i < steps; i++) {
      levels[i] = Math.exp((float) rising[steps - 1 - i]);
    }
    return levels;
  }

  private final class Plan extends SigmaPlan {
    private final float data = options().get(Options.SIGMA_DATA).floatValue();

    Plan(SigmaLevels levels) {
      super(levels, Math.hypot(options().get(SIGMA_MAX), 1));
    }

    @Override
    double inputScale(float level) {
      return 1 / sqrt(level * level + data * data);
    }

    @Override
    public Tensor predictX0(Tensor modelOutput, int index, Tensor latents) {
      return SamplingPlan.scoped(() -> predX0(modelOutput, index, latents).tensor());
    }

    private LinearCombination predX0(Tensor modelOutput, int index, Tensor latents) {
      float level = level(index);
      float variance = level * level + data * data;
      float skip = data * data / variance;
      float out = level * data / sqrt(variance);
      boolean velocity = options().get(Options.PREDICTION_TYPE) == PredictionType.V_PREDICTION;
      return LinearCombination.of(skip, latents).plus(velocity ? -out : out, modelOutput);
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      float level = level(index);
      LinearCombination x0 = predX0(modelOutput, index, latents);
      double width = (double) level(index + 1) - level;
      return LinearCombination.of(latents)
          .plus(LinearCombination.of(latents).minus(x0).times(width / level))
          .tensor();
    }
  }
}
