package io.t2v.scheduler;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver and DPM-Solver++ as singlestep methods of order 1 to 3: Lu et al., "DPM-Solver" and
 * "DPM-Solver++". The reference's {@code DPMSolverSinglestepScheduler}.
 *
 * <p>Each model evaluation counts as a step: a step of third order takes three of them. The SDE
 * form draws noise in every step. Takes custom timesteps.
 */
public final class DpmSolverSinglestepScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<DpmSolverSinglestepScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "DPMSolverSinglestepScheduler";

  private static final Option<DpmAlgorithm> ALGORITHM =
      Option.choice(
              Options.DPM_ALGORITHM.name(),
              List.of(
                  DpmAlgorithm.DPM_SOLVER,
                  DpmAlgorithm.DPM_SOLVER_PLUS_PLUS,
                  DpmAlgorithm.SDE_DPM_SOLVER_PLUS_PLUS))
          .withAliases(DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, "deis");

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .withLevelRules()
          .with(Options.SOLVER_ORDER, 2)
          .withThresholding()
          .with(ALGORITHM, DpmAlgorithm.DPM_SOLVER_PLUS_PLUS)
          .with(Options.DPM_SOLVER_TYPE, DpmSolverType.MIDPOINT)
          .with(Options.LOWER_ORDER_FINAL, false)
          .with(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO)
          .with(Options.LAMBDA_MIN_CLIPPED, Double.NEGATIVE_INFINITY)
          .with(Options.VARIANCE_TYPE, Optional.empty());

  private final int order;
  private final DpmAlgorithm algorithm;
  private final DpmSolverType solverType;

  private DpmSolverSinglestepScheduler(OptionValues options) {
    super(NAME, options, DpmSolverSinglestepScheduler::builder);
    this.order = options.get(Options.SOLVER_ORDER);
    this.algorithm = options.get(ALGORITHM);
    this.solverType = options.get(Options.DPM_SOLVER_TYPE);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static DpmSolverSinglestepScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<DpmSolverSinglestepScheduler> builder() {
    return new StandardSchedulerBuilder<>(
        NAME, OPTIONS, DpmSolverSinglestepScheduler::new, DpmSolverSinglestepScheduler::check);
  }

  private static void check(OptionValues options, List<String> problems) {
    options.get(ALGORITHM).check(options.get(Options.FINAL_SIGMAS_TYPE), problems);
  }

  @Override
  boolean takesTimesteps() {
    return true;
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    return new Plan(
        LogSnrLevels.of(schedule, options(), request, LogSnrLevels.Family.DPM_SOLVER_SINGLESTEP));
  }

  /** The order of each step: up to the solver's order and again, lower at the end. */
  private int[] orders(int steps) {
    boolean endsAtZero = options().get(Options.FINAL_SIGMAS_TYPE) == FinalSigmas.ZERO;
    // where orders do not come out even, or the end demands it, the reference lowers them anyhow
    boolean lowers = options().isOn(Options.LOWER_ORDER_FINAL) || steps % order != 0 || endsAtZero;
    int[] orders = new int[steps];
    for (int i = 0; i < steps; i++) {
      orders[i] = i % order + 1;
    }
    if (lowers && steps % order == 0) {
      orders[steps - 1] = 1;
      if (order == 3) {
        orders[steps - 2] = 2;
      }
    }
    if (endsAtZero) {
      orders[steps - 1] = 1;
    }
    return orders;
  }

  private final class Plan extends DpmSolverPlan {
    private final TensorHistory start = history("start", 1);
    private final int[] orders;

    Plan(LogSnrLevels levels) {
      super(levels, options(), algorithm, prediction);
      orders = orders(steps());
    }

    private int orderOf(int index, int known) {
      return Math.min(orders[index], known);
    }

    @Override
    DpmUpdate update(int index, int known) {
      LogSnr to = point(index + 1);
      LogSnr late = point(index);
      return switch (orderOf(index, known)) {
        case 1 -> DpmUpdate.first(algorithm, to, late);
        case 2 -> DpmUpdate.singlestepSecond(algorithm, solverType, to, late, point(index - 1));
        default ->
            DpmUpdate.singlestepThird(
                algorithm, solverType, to, late, point(index - 1), point(index - 2));
      };
    }

    /** The latents at the start of the group of steps, which begins with one of first order. */
    @Override
    Tensor base(int index, int known, Tensor latents) {
      if (orderOf(index, known) == 1) {
        start.push(LinearCombination.of(latents).tensor());
      }
      return start.get(0);
    }
  }
}
