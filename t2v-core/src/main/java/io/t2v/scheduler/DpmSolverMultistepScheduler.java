package io.t2v.scheduler;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver and DPM-Solver++ as multistep methods of order 1 to 3: Lu et al., "DPM-Solver" and
 * "DPM-Solver++". The reference's {@code DPMSolverMultistepScheduler}.
 *
 * <p>The usual choice: 20 to 25 steps of the second order do what DDIM does in 50. The SDE forms
 * draw noise in every step.
 */
public final class DpmSolverMultistepScheduler
    extends DiscreteScheduler<DpmSolverMultistepScheduler.Builder> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DPMSolverMultistepScheduler";

  /** From this number of steps on, {@code lower_order_final} has no effect, as in the reference. */
  private static final int MANY_STEPS = 15;

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .withLevelRules()
          .with(Options.SOLVER_ORDER, 2)
          .withThresholding()
          .with(Options.DPM_ALGORITHM, DpmAlgorithm.DPM_SOLVER_PLUS_PLUS)
          .with(Options.DPM_SOLVER_TYPE, DpmSolverType.MIDPOINT)
          .with(Options.LOWER_ORDER_FINAL, true)
          .with(Options.EULER_AT_FINAL, false)
          .with(Options.USE_LU_LAMBDAS, false)
          .with(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO)
          .with(Options.LAMBDA_MIN_CLIPPED, Double.NEGATIVE_INFINITY)
          .with(Options.VARIANCE_TYPE, Optional.empty())
          .withSpacing(TimestepSpacing.LINSPACE)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private final DpmAlgorithm algorithm;
  private final DpmSolverType solverType;

  private DpmSolverMultistepScheduler(OptionValues options) {
    super(
        NAME,
        options,
        DpmSolverMultistepScheduler::builder,
        NoiseSchedule.withFiniteSigmas(options));
    this.algorithm = options.get(Options.DPM_ALGORITHM);
    this.solverType = options.get(Options.DPM_SOLVER_TYPE);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static DpmSolverMultistepScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  boolean takesTimesteps() {
    return true;
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    return new Plan(LogSnrLevels.of(schedule, options(), request, LogSnrLevels.Family.DPM_SOLVER));
  }

  private final class Plan extends DpmSolverPlan {
    private final boolean firstOrderAtEnd;
    private final boolean lowerOrderBeforeEnd;

    Plan(LogSnrLevels levels) {
      super(levels, options(), algorithm, prediction);
      boolean lowerOrderFinal = options().isOn(Options.LOWER_ORDER_FINAL) && steps() < MANY_STEPS;
      firstOrderAtEnd =
          options().isOn(Options.EULER_AT_FINAL)
              || lowerOrderFinal
              || options().get(Options.FINAL_SIGMAS_TYPE) == FinalSigmas.ZERO;
      lowerOrderBeforeEnd = lowerOrderFinal;
    }

    @Override
    DpmUpdate update(int index, int known) {
      LogSnr to = point(index + 1);
      LogSnr from = point(index);
      return switch (orderOf(index, known)) {
        case 1 -> DpmUpdate.first(algorithm, to, from);
        case 2 -> DpmUpdate.second(algorithm, solverType, to, from, point(index - 1));
        default -> DpmUpdate.third(algorithm, to, from, point(index - 1), point(index - 2));
      };
    }

    private int orderOf(int index, int known) {
      if (index == steps() - 1 && firstOrderAtEnd) {
        return 1;
      }
      return index == steps() - 2 && lowerOrderBeforeEnd ? Math.min(known, 2) : known;
    }

    @Override
    Tensor base(int index, int known, Tensor latents) {
      return latents;
    }
  }

  /** Builds a {@link DpmSolverMultistepScheduler}. */
  public static final class Builder extends SchedulerBuilder<DpmSolverMultistepScheduler, Builder> {
    private Builder() {
      super(NAME, OPTIONS);
    }

    /**
     * Sets the order of the solver; default 2, which suits guided sampling.
     *
     * @param order 1 to 3
     * @return this builder
     * @throws IllegalArgumentException if it is none of them
     */
    public Builder solverOrder(int order) {
      return option(Options.SOLVER_ORDER.name(), order);
    }

    /**
     * Sets which equation is solved; default DPM-Solver++.
     *
     * @param algorithm the equation
     * @return this builder
     */
    public Builder algorithm(DpmAlgorithm algorithm) {
      return option(Options.DPM_ALGORITHM.name(), algorithm);
    }

    /**
     * Sets the form of the second order; default midpoint.
     *
     * @param type the form
     * @return this builder
     */
    public Builder solverType(DpmSolverType type) {
      return option(Options.DPM_SOLVER_TYPE.name(), type);
    }

    /**
     * Sets whether the last steps are of lower order in runs of less than 15 steps; default true.
     *
     * @param lower whether to lower the order
     * @return this builder
     */
    public Builder lowerOrderFinal(boolean lower) {
      return option(Options.LOWER_ORDER_FINAL.name(), lower);
    }

    /**
     * Sets whether the last step is always of first order; default false.
     *
     * @param euler whether it is
     * @return this builder
     */
    public Builder eulerAtFinal(boolean euler) {
      return option(Options.EULER_AT_FINAL.name(), euler);
    }

    /**
     * Sets the noise level at which a run ends; default none.
     *
     * @param end the level
     * @return this builder
     */
    public Builder finalSigmas(FinalSigmas end) {
      return option(Options.FINAL_SIGMAS_TYPE.name(), end);
    }

    @Override
    void check(OptionValues options, List<String> problems) {
      DpmAlgorithm algorithm = options.get(Options.DPM_ALGORITHM);
      algorithm.check(options.get(Options.FINAL_SIGMAS_TYPE), problems);
      if (algorithm == DpmAlgorithm.SDE_DPM_SOLVER && options.get(Options.SOLVER_ORDER) == 3) {
        problems.add("algorithm_type sde-dpmsolver has no solver_order 3, expected 1 or 2");
      }
    }

    @Override
    DpmSolverMultistepScheduler create(OptionValues options) {
      return new DpmSolverMultistepScheduler(options);
    }
  }
}
