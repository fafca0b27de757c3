package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * DEIS: Zhang and Chen, "Fast Sampling of Diffusion Models with Exponential Integrator", with
 * polynomials in the logarithm of rho (tAB-DEIS), of order 1 to 3. The reference's {@code
 * DEISMultistepScheduler}.
 */
public final class DeisMultistepScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DEISMultistepScheduler";

  private static final OptionTable OPTIONS =
      Options.withLevelRules(Options.NOISE_SCHEDULE)
          .with(Options.SOLVER_ORDER, 2)
          .with(Options.THRESHOLDING, false)
          .with(Options.DYNAMIC_THRESHOLDING_RATIO, 0.995)
          .with(Options.SAMPLE_MAX_VALUE, 1.0)
          .with(Options.DEIS_ALGORITHM, DeisAlgorithm.DEIS)
          .with(Options.DEIS_SOLVER_TYPE, DeisSolverType.LOG_RHO)
          .with(Options.LOWER_ORDER_FINAL, true)
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE)
          .with(Options.STEPS_OFFSET, 0);

  /** From this number of steps on, {@code lower_order_final} has no effect, as in the reference. */
  private static final int MANY_STEPS = 15;

  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final CleanLimit limit;
  private final int order;

  private DeisMultistepScheduler(OptionValues options) {
    super(NAME, options);
    this.schedule = NoiseSchedule.of(options);
    this.prediction = options.get(Options.PREDICTION_TYPE);
    this.limit = CleanLimit.of(options);
    this.order = options.get(Options.SOLVER_ORDER);
  }

  /**
   * Makes the scheduler from a configuration, of this or another scheduler.
   *
   * @param config the options of a {@code scheduler_config.json}
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, if options contradict each
   *     other, or if no scheduler knows one
   */
  public static DeisMultistepScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<DeisMultistepScheduler> builder() {
    return new StandardBuilder<>(NAME, OPTIONS, DeisMultistepScheduler::new);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<DeisMultistepScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomTimesteps(request);
    refuseCustomSigmas(request);
    return new Plan(
        LogSnrLevels.of(schedule, options(), request, LogSnrLevels.Family.UNIPC_AND_DEIS));
  }

  private final class Plan extends LogSnrPlan {
    private final TensorHistory outputs = new TensorHistory(order);

    Plan(LogSnrLevels levels) {
      super(levels, prediction, limit);
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      outputs.push(noise(modelOutput, index, latents));
      LogSnr to = point(index + 1);
      LogSnr from = point(index);
      int order = orderOf(index);
      if (order == 1) {
        return DpmUpdate.first(DpmAlgorithm.DPM_SOLVER, to, from)
            .applied(latents, outputs)
            .tensor();
      }
      float[] rhos = new float[order];
      for (int age = 0; age < order; age++) {
        rhos[age] = rho(point(index - age));
      }
      double[] weights = DeisWeights.between(rhos, rho(to));
      Sum next = Sum.of(to.alpha() / from.alpha(), latents);
      for (int age = 0; age < order; age++) {
        next = next.plus(to.alpha() * weights[age], outputs.get(age));
      }
      return next.tensor();
    }

    private int orderOf(int index) {
      int possible = outputs.size();
      boolean lowers = options().isOn(Options.LOWER_ORDER_FINAL) && steps() < MANY_STEPS;
      return lowers ? Math.min(possible, steps() - index) : possible;
    }

    @Override
    public void close() {
      outputs.close();
      super.close();
    }
  }

  private static float rho(LogSnr point) {
    return point.sigma() / point.alpha();
  }
}
