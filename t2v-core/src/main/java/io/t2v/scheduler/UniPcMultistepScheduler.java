package io.t2v.scheduler;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * UniPC: Zhao et al., "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of
 * Diffusion Models". The reference's {@code UniPCMultistepScheduler}.
 *
 * <p>Corrects the latents with every new model output before it goes on, at no further evaluation.
 */
public final class UniPcMultistepScheduler extends ConfiguredScheduler {
  /** The reference's name of this scheduler. */
  public static final String NAME = "UniPCMultistepScheduler";

  private static final Option<Integer> ORDER = Option.whole(Options.SOLVER_ORDER.name(), 1, 9);

  private static final OptionTable OPTIONS =
      Options.withLevelRules(Options.NOISE_SCHEDULE)
          .with(Options.THRESHOLDING, false)
          .with(Options.DYNAMIC_THRESHOLDING_RATIO, 0.995)
          .with(Options.SAMPLE_MAX_VALUE, 1.0)
          .with(ORDER, 2)
          .with(Options.PREDICT_X0, true)
          .with(Options.UNIPC_SOLVER_TYPE, UniPcSolverType.BH2)
          .with(Options.LOWER_ORDER_FINAL, true)
          .with(Options.DISABLE_CORRECTOR, List.of())
          .with(Options.TIMESTEP_SPACING, TimestepSpacing.LINSPACE)
          .with(Options.STEPS_OFFSET, 0)
          .with(Options.FINAL_SIGMAS_TYPE, FinalSigmas.ZERO)
          .with(Options.RESCALE_BETAS_ZERO_SNR, false);

  private final NoiseSchedule schedule;
  private final PredictionType prediction;
  private final CleanLimit limit;
  private final int order;
  private final boolean inCleanSample;
  private final UniPcSolverType solverType;

  private UniPcMultistepScheduler(OptionValues options) {
    super(NAME, options);
    NoiseSchedule betas = NoiseSchedule.of(options);
    this.schedule =
        options.isOn(Options.RESCALE_BETAS_ZERO_SNR) ? betas.withTraceOfSignal() : betas;
    this.prediction = options.get(Options.PREDICTION_TYPE);
    this.inCleanSample = options.isOn(Options.PREDICT_X0);
    // the reference limits clean samples only
    this.limit = inCleanSample ? CleanLimit.of(options) : CleanLimit.NONE;
    this.order = options.get(ORDER);
    this.solverType = options.get(Options.UNIPC_SOLVER_TYPE);
  }

  /**
   * Makes the scheduler from a configuration, of this or another scheduler.
   *
   * @param config the options of a {@code scheduler_config.json}
   * @return the scheduler
   * @throws IllegalArgumentException if an option takes no such value, if options contradict each
   *     other, or if no scheduler knows one
   */
  public static UniPcMultistepScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardBuilder<UniPcMultistepScheduler> builder() {
    return new StandardBuilder<>(
        NAME, OPTIONS, UniPcMultistepScheduler::new, UniPcMultistepScheduler::check);
  }

  /**
   * Starts with the options of this scheduler.
   *
   * @return a builder
   */
  public StandardBuilder<UniPcMultistepScheduler> toBuilder() {
    return builder().copyOf(options());
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
  public SamplingPlan plan(PlanRequest request) {
    checkSteps(request);
    refuseCustomTimesteps(request);
    refuseCustomSigmas(request);
    return new Plan(
        LogSnrLevels.of(schedule, options(), request, LogSnrLevels.Family.UNIPC_AND_DEIS));
  }

  private final class Plan extends LogSnrPlan {
    private final TensorHistory outputs = new TensorHistory(order + 1);
    private final TensorHistory lastLatents = new TensorHistory(1);

    /** Order of the last predictor, which the corrector takes over. */
    private int lastOrder;

    Plan(LogSnrLevels levels) {
      super(levels, prediction, limit);
    }

    @Override
    Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      outputs.push(
          inCleanSample ? clean(modelOutput, index, latents) : noise(modelOutput, index, latents));
      Tensor corrected = lastLatents.push(corrected(index, latents));
      int possible = Math.min(order, outputs.size());
      lastOrder =
          options().isOn(Options.LOWER_ORDER_FINAL)
              ? Math.min(possible, steps() - index)
              : possible;
      return predicted(index, corrected);
    }

    private Tensor corrected(int index, Tensor latents) {
      boolean disabled = options().get(Options.DISABLE_CORRECTOR).contains((double) (index - 1));
      if (lastLatents.size() == 0 || disabled) {
        return Sum.of(1, latents).tensor();
      }
      return step(index, index - 1, lastOrder).corrector().applied(lastLatents.get(0), outputs, 0);
    }

    private Tensor predicted(int index, Tensor latents) {
      return step(index + 1, index, lastOrder).predictor().applied(latents, outputs, -1);
    }

    private UniPcStep step(int to, int from, int stepOrder) {
      LogSnr[] earlier = new LogSnr[stepOrder - 1];
      for (int age = 0; age < earlier.length; age++) {
        earlier[age] = point(from - 1 - age);
      }
      return new UniPcStep(point(to), point(from), earlier, inCleanSample, solverType);
    }

    @Override
    public void close() {
      outputs.close();
      lastLatents.close();
      super.close();
    }
  }
}
