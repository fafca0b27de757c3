package io.t2v.scheduler;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * UniPC: Zhao et al., "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of
 * Diffusion Models". The reference's {@code UniPCMultistepScheduler}.
 *
 * <p>Corrects the latents with every new model output before it goes on, at no further evaluation.
 */
public final class UniPcMultistepScheduler
    extends DiscreteScheduler<StandardSchedulerBuilder<UniPcMultistepScheduler>> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "UniPCMultistepScheduler";

  private static final Option<Integer> ORDER = Option.integer(Options.SOLVER_ORDER.name(), 1, 9);

  private static final OptionTable OPTIONS =
      Options.NOISE_SCHEDULE
          .withLevelRules()
          .withThresholding()
          .with(ORDER, 2)
          .with(Options.PREDICT_X0, true)
          .with(Options.UNIPC_SOLVER_TYPE, UniPcSolverType.BH2)
          .with(Options.LOWER_ORDER_FINAL, true)
          .with(Options.DISABLE_CORRECTOR, List.of())
          .withSpacing(TimestepSpacing.LINSPACE)
          .with(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private final int order;
  private final boolean predictsX0;
  private final SampleClipping x0Clipping;
  private final UniPcSolverType solverType;

  private UniPcMultistepScheduler(OptionValues options) {
    super(NAME, options, UniPcMultistepScheduler::builder, NoiseSchedule.withFiniteSigmas(options));
    this.predictsX0 = options.isOn(Options.PREDICT_X0);
    // the reference clips clean samples only
    this.x0Clipping = predictsX0 ? clipping : SampleClipping.NONE;
    this.order = options.get(ORDER);
    this.solverType = options.get(Options.UNIPC_SOLVER_TYPE);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static UniPcMultistepScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<UniPcMultistepScheduler> builder() {
    return new StandardSchedulerBuilder<>(
        NAME, OPTIONS, UniPcMultistepScheduler::new, UniPcMultistepScheduler::check);
  }

  private static void check(OptionValues options, List<String> problems) {
    boolean endsAtZero = options.get(Options.FINAL_SIGMAS_TYPE) == FinalSigmas.ZERO;
    if (endsAtZero && !options.isOn(Options.LOWER_ORDER_FINAL) && options.get(ORDER) > 1) {
      problems.add(
          "lower_order_final is false, but a step of higher order cannot end at final_sigmas_type"
              + " zero, expected sigma_min");
    }
    if (endsAtZero && !options.isOn(Options.PREDICT_X0)) {
      problems.add(
          "predict_x0 is false, but a step in the noise cannot end at final_sigmas_type zero,"
              + " expected sigma_min");
    }
  }

  @Override
  TensorPlan newPlan(PlanRequest request) {
    return new Plan(
        LogSnrLevels.of(schedule, options(), request, LogSnrLevels.Family.UNIPC_AND_DEIS));
  }

  private final class Plan extends LogSnrPlan {
    private final TensorHistory outputs = history("outputs", order + 1);
    private final TensorHistory lastLatents = history("lastLatents", 1);

    Plan(LogSnrLevels levels) {
      super(levels, prediction, x0Clipping);
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      outputs.push(
          predictsX0
              ? predX0(modelOutput, index, latents)
              : predEpsilon(modelOutput, index, latents));
      Tensor corrected = lastLatents.push(corrected(index, latents));
      return predicted(index, corrected);
    }

    private int orderOf(int index) {
      int possible = Math.min(order, evaluationsBefore(index) + 1);
      return options().isOn(Options.LOWER_ORDER_FINAL)
          ? Math.min(possible, steps() - index)
          : possible;
    }

    /** The corrector takes over the order of the last predictor. */
    private Tensor corrected(int index, Tensor latents) {
      boolean disabled = options().get(Options.DISABLE_CORRECTOR).contains((double) (index - 1));
      if (lastLatents.size() == 0 || disabled) {
        return LinearCombination.of(latents).tensor();
      }
      return step(index, index - 1, orderOf(index - 1))
          .corrector()
          .applied(lastLatents.get(0), outputs, 0);
    }

    private Tensor predicted(int index, Tensor latents) {
      return step(index + 1, index, orderOf(index)).predictor().applied(latents, outputs, -1);
    }

    private UniPcStep step(int to, int from, int stepOrder) {
      LogSnr[] earlier = new LogSnr[stepOrder - 1];
      for (int age = 0; age < earlier.length; age++) {
        earlier[age] = point(from - 1 - age);
      }
      return new UniPcStep(point(to), point(from), earlier, predictsX0, solverType);
    }
  }
}
