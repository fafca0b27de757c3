package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * A linear multistep method of fourth order in the noise level, as in k-diffusion. The reference's
 * {@code LMSDiscreteScheduler}.
 */
public final class LmsDiscreteScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<LmsDiscreteScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "LMSDiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE.withLevelRules().withSpacing(TimestepSpacing.LINSPACE);

  private static final int ORDER = 4;

  private LmsDiscreteScheduler(OptionValues options) {
    super(NAME, options, LmsDiscreteScheduler::builder);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static LmsDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<LmsDiscreteScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, LmsDiscreteScheduler::new);
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    SigmaLevels levels = SigmaLevels.of(schedule, options(), request, SigmaLevels.Family.LMS);
    return new Plan(levels);
  }

  /**
   * Integrates a Lagrange polynomial over the step from {@code levels[step]} to the next level: the
   * one that is 1 at the level {@code age} steps ago and 0 at the other {@code order - 1}.
   */
  private static double weight(float[] levels, int step, int order, int age) {
    double middle = ((double) levels[step] + levels[step + 1]) / 2;
    double half = ((double) levels[step + 1] - levels[step]) / 2;
    // two points of Gauss integrate polynomials up to degree 3 exactly
    double offset = half / Math.sqrt(3);
    return half
        * (lagrange(levels, step, order, age, middle - offset)
            + lagrange(levels, step, order, age, middle + offset));
  }

  private static double lagrange(float[] levels, int step, int order, int age, double at) {
    double product = 1;
    for (int other = 0; other < order; other++) {
      if (other != age) {
        product *=
            (at - levels[step - other]) / ((double) levels[step - age] - levels[step - other]);
      }
    }
    return product;
  }

  private final class Plan extends SigmaPlan {
    private final float[] levels;
    private final TensorHistory slopes = history("slopes", ORDER);

    Plan(SigmaLevels run) {
      super(run, run.initialNoiseScale(options()));
      levels = run.levels;
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      slopes.push(slope(prediction, modelOutput, latents, level(index)).tensor());
      int order = slopes.size();
      LinearCombination next = LinearCombination.of(latents);
      for (int age = 0; age < order; age++) {
        next = next.plus(weight(levels, index, order, age), slopes.get(age));
      }
      return next.tensor();
    }
  }
}
