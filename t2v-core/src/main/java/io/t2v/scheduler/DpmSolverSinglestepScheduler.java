package io.t2v.scheduler;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver and DPM-Solver++ as singlestep methods of order 1 to 3: Lu et al., "DPM-Solver" and
 * "DPM-Solver++". The reference's {@code DPMSolverSinglestepScheduler}.
 *
 * <p>Each model evaluation counts as a step: a step of third order takes three of them. The SDE
 * form draws noise in every step. Takes timesteps of one's own.
 */
public final class DpmSolverSinglestepScheduler extends ConfiguredScheduler {
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
      Options.withLevelRules(Options.NOISE_SCHEDULE)
          .with(Options.SOLVER_ORDER, 2)
          .with(Options.THRESHOLDING, false)
          .with(Options.DYNAMIC_THRESHOLDING_RATIO, 0.995)
          .with(Options.SAMPLE_MAX_VALUE, 1.0)
          .with(ALGORITHM, DpmAlgorithm.DPM_SOLVER_PLUS_PLUS)
          .with(Options.DPM_SOLVER_TYPE, DpmSolverType.MIDPOINT)
          .with(Options.LOWER_ORDER_FINAL, false)
          .with(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO)
          .with(Options.LAMBDA_MIN_CLIPPED, Double.NEGATIVE_INFINITY)
          .with(Options.VARIANCE_TYPE, Optional.empty());

  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final CleanLimit limit;
  private final int order;
  private final DpmAlgorithm algorithm;
  private final DpmSolverType solverType;

  private DpmSolverSinglestepScheduler(OptionValues options) {
    super(NAME, options);
    this.schedule = NoiseSchedule.of(options);
    this.prediction = options.get(Options.PREDICTION_TYPE);
    this.limit = CleanLimit.of(options);
    this.order = options.get(Options.SOLVER_ORDER);
    this.algorithm = options.get(ALGORITHM);
    this.solverType = options.get(Options.DPM_SOLVER_TYPE);
  }

  /**
   * Makes the scheduler from a configuration, of this or another scheduler.
   *
   * @param config the options of a {@code scheduler_config.json}
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, if options contradict each
   *     other, or if no scheduler knows one
   */
  public static DpmSolverSinglestepScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<DpmSolverSinglestepScheduler> builder() {
    return new StandardBuilder<>(
        NAME, OPTIONS, DpmSolverSinglestepScheduler::new, DpmSolverSinglestepScheduler::check);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<DpmSolverSinglestepScheduler> toBuilder() {
    return builder().copyOf(options());
  }

  private static void check(OptionValues options, List<String> problems) {
    DpmAlgorithm algorithm = options.get(ALGORITHM);
    if (!algorithm.inCleanSample() && options.get(Options.FINAL_SIGMAS_TYPE) == FinalSigmas.ZERO) {
      problems.add(
          "algorithm_type "
              + algorithm.configName()
              + " cannot end at final_sigmas_type zero, expected sigma_min");
    }
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomSigmas(request);
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

  private final class Plan extends LogSnrPlan {
    private final TensorHistory outputs = new TensorHistory(order);
    private final TensorHistory start = new TensorHistory(1);
    private final int[] orders;

    Plan(LogSnrLevels levels) {
      super(levels, prediction, limit);
      orders = orders(steps());
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      Tensor mean = mean(modelOutput, latents, options());
      Tensor newest =
          outputs.push(
              algorithm.inCleanSample()
                  ? clean(mean, index, latents)
                  : noise(mean, index, latents));
      int possible = Math.min(orders[index], outputs.size());
      if (possible == 1) {
        start.push(Sum.of(1, latents).tensor());
      }
      DpmUpdate update = update(index, possible);
      Sum next = update.applied(start.get(0), outputs);
      if (algorithm.stochastic()) {
        try (Tensor fresh = noise.gaussianLike(newest)) {
          next = next.plus(update.ofNoise(), fresh);
        }
      }
      return next.tensor();
    }

    private DpmUpdate update(int index, int possible) {
      LogSnr to = point(index + 1);
      LogSnr late = point(index);
      return switch (possible) {
        case 1 -> DpmUpdate.first(algorithm, to, late);
        case 2 -> DpmUpdate.singlestepSecond(algorithm, solverType, to, late, point(index - 1));
        default ->
            DpmUpdate.singlestepThird(
                algorithm, solverType, to, late, point(index - 1), point(index - 2));
      };
    }

    @Override
    public void close() {
      outputs.close();
      start.close();
      super.close();
    }
  }
}
