package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * DEIS: Zhang and Chen, "Fast Sampling of Diffusion Models with Exponential Integrator", with
 * polynomials in the logarithm of rho (tAB-DEIS), of order 1 to 3. The reference's {@code
 * DEISMultistepScheduler}.
 */
public final class DeisMultistepScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<DeisMultistepScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DEISMultistepScheduler";

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .withLevelRules()
          .with(Options.SOLVER_ORDER, 2)
          .withThresholding()
          .with(Options.DEIS_ALGORITHM, "deis")
          .with(Options.DEIS_SOLVER_TYPE, "logrho")
          .with(Options.LOWER_ORDER_FINAL, true)
          .withSpacing(TimestepSpacing.LINSPACE);

  /** From this number of steps on, {@code lower_order_final} has no effect, as in the reference. */
  private static final int MANY_STEPS = 15;

  private final int order;

  private DeisMultistepScheduler(OptionValues options) {
    super(NAME, options, DeisMultistepScheduler::builder);
    this.order = options.get(Options.SOLVER_ORDER);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static DeisMultistepScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<DeisMultistepScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, DeisMultistepScheduler::new);
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    return new Plan(
        LogSnrLevels.of(schedule, options(), request, LogSnrLevels.Family.UNIPC_AND_DEIS));
  }

  private final class Plan extends LogSnrPlan {
    private final TensorHistory outputs = history("outputs", order);

    Plan(LogSnrLevels levels) {
      super(levels, prediction, clipping);
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      outputs.push(predEpsilon(modelOutput, index, latents));
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
      LinearCombination next = LinearCombination.of(to.alpha() / from.alpha(), latents);
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
  }

  private static float rho(LogSnr point) {
    return point.sigma() / point.alpha();
  }
}
