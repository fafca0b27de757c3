package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * A linear multistep method of fourth order in the noise level, as in k-diffusion. The reference's
 * {@code LMSDiscreteScheduler}.
 */
public final class LmsDiscreteScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "LMSDiscreteScheduler";

  private static final OptionTable OPTIONS =
      Options.withLevelRules(Options.NOISE_SCHEDULE)
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE)
          .with(Options.STEPS_OFFSET, 0);

  private static final int ORDER = 4;

  private final NoiseSchedule schedule;
  private final PredictionType prediction;

  private LmsDiscreteScheduler(OptionValues options) {
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
  public static LmsDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<LmsDiscreteScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, LmsDiscreteScheduler::new);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<LmsDiscreteScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomTimesteps(request);
    refuseCustomSigmas(request);
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
    private final TensorHistory slopes = new TensorHistory(ORDER);

    Plan(SigmaLevels run) {
      super(run.timesteps, run.levels, run.initialNoiseScale(options()));
      levels = run.levels;
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      slopes.push(slope(prediction, levels[index]).of(latents, modelOutput).tensor());
      int order = slopes.size();
      Sum next = Sum.of(1, latents);
      for (int age = 0; age < order; age++) {
        next = next.plus(weight(levels, index, order, age), slopes.get(age));
      }
      return next.tensor();
    }

    @Override
    public void close() {
      slopes.close();
      super.close();
    }
  }
}
