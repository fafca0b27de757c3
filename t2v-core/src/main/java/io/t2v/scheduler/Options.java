package io.t2v.scheduler;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The options of all schedulers, under the reference's names. */
final class Options {
  private static final double MAX = Double.MAX_VALUE;

  static final Option<Integer> NUM_TRAIN_TIMESTEPS =
      Option.whole("num_train_timesteps", 1, Integer.MAX_VALUE);
  static final Option<Double> BETA_START = Option.number("beta_start", 0, 1);
  static final Option<Double> BETA_END = Option.number("beta_end", 0, 1);
  static final Option<BetaSchedule> BETA_SCHEDULE =
      Option.choice(
          "beta_schedule",
          List.of(BetaSchedule.LINEAR, BetaSchedule.SCALED_LINEAR, BetaSchedule.SQUARED_COSINE));
  static final Option<Optional<List<Double>>> TRAINED_BETAS =
      Option.numbers("trained_betas", 0, 1).orNull();
  static final Option<Boolean> RESCALE_BETAS_ZERO_SNR = Option.flag("rescale_betas_zero_snr");

  static final Option<PredictionType> PREDICTION_TYPE =
      Option.choice("prediction_type", List.of(PredictionType.values()));
  static final Option<Optional<VarianceType>> VARIANCE_TYPE =
      Option.choice("variance_type", List.of(VarianceType.LEARNED, VarianceType.LEARNED_RANGE))
          .orNull()
          // what DDPM fixes by a formula needs nothing of the model
          .withAliases(
              Optional.empty(), "fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log");
  static final Option<Boolean> THRESHOLDING = Option.flag("thresholding");
  static final Option<Double> DYNAMIC_THRESHOLDING_RATIO =
      Option.number("dynamic_thresholding_ratio", 0, 1);
  static final Option<Double> SAMPLE_MAX_VALUE = Option.number("sample_max_value", 1, MAX);
  static final Option<Boolean> CLIP_SAMPLE = Option.flag("clip_sample");
  static final Option<Double> CLIP_SAMPLE_RANGE = Option.number("clip_sample_range", 0, MAX);

  static final Option<TimestepSpacing> TIMESTEP_SPACING =
      Option.choice("timestep_spacing", List.of(TimestepSpacing.values()));
  static final Option<Integer> STEPS_OFFSET = Option.whole("steps_offset", 0, Integer.MAX_VALUE);
  static final Option<Boolean> SET_ALPHA_TO_ONE = Option.flag("set_alpha_to_one");
  static final Option<FinalSigmas> FINAL_SIGMAS_TYPE =
      Option.choice("final_sigmas_type", List.of(FinalSigmas.values()));
  static final Option<Boolean> USE_KARRAS_SIGMAS = Option.flag("use_karras_sigmas");
  static final Option<Boolean> USE_EXPONENTIAL_SIGMAS = Option.flag("use_exponential_sigmas");
  static final Option<Boolean> USE_BETA_SIGMAS = Option.flag("use_beta_sigmas");
  static final Option<Boolean> USE_LU_LAMBDAS = Option.flag("use_lu_lambdas");
  static final Option<Optional<Double>> SIGMA_MIN =
      Option.number("sigma_min", Double.MIN_VALUE, MAX).orNull();
  static final Option<Optional<Double>> SIGMA_MAX =
      Option.number("sigma_max", Double.MIN_VALUE, MAX).orNull();
  static final Option<Double> LAMBDA_MIN_CLIPPED =
      Option.number("lambda_min_clipped", Double.NEGATIVE_INFINITY, MAX);

  static final Option<DeisAlgorithm> DEIS_ALGORITHM =
      Option.choice("algorithm_type", List.of(DeisAlgorithm.values()))
          .withAliases(DeisAlgorithm.DEIS, "dpmsolver", "dpmsolver++");
  static final Option<DeisSolverType> DEIS_SOLVER_TYPE =
      Option.choice("solver_type", List.of(DeisSolverType.values()))
          .withAliases(DeisSolverType.LOG_RHO, "midpoint", "heun", "bh1", "bh2");
  static final Option<UniPcSolverType> UNIPC_SOLVER_TYPE =
      Option.choice("solver_type", List.of(UniPcSolverType.values()))
          .withAliases(UniPcSolverType.BH2, "midpoint", "heun", "logrho");
  static final Option<Boolean> PREDICT_X0 = Option.flag("predict_x0");
  static final Option<List<Double>> DISABLE_CORRECTOR =
      Option.numbers("disable_corrector", 0, Integer.MAX_VALUE);
  static final Option<Integer> SOLVER_ORDER = Option.whole("solver_order", 1, 3);
  static final Option<DpmAlgorithm> DPM_ALGORITHM =
      Option.choice("algorithm_type", List.of(DpmAlgorithm.values()))
          .withAliases(DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, "deis");
  static final Option<DpmSolverType> DPM_SOLVER_TYPE =
      Option.choice("solver_type", List.of(DpmSolverType.values()))
          .withAliases(DpmSolverType.MIDPOINT, "logrho", "bh1", "bh2");
  static final Option<Boolean> SKIP_PRK_STEPS = Option.flag("skip_prk_steps");
  static final Option<Integer> ORIGINAL_INFERENCE_STEPS =
      Option.whole("original_inference_steps", 1, Integer.MAX_VALUE);
  static final Option<Double> TIMESTEP_SCALING = Option.number("timestep_scaling", 0, MAX);
  static final Option<Boolean> LOWER_ORDER_FINAL = Option.flag("lower_order_final");
  static final Option<InterpolationType> INTERPOLATION_TYPE =
      Option.choice("interpolation_type", List.of(InterpolationType.values()));
  static final Option<TimestepType> TIMESTEP_TYPE =
      Option.choice("timestep_type", List.of(TimestepType.values()));
  static final Option<Double> SIGMA_DATA = Option.number("sigma_data", Double.MIN_VALUE, MAX);
  static final Option<Double> RHO = Option.number("rho", Double.MIN_VALUE, MAX);
  static final Option<SigmaSchedule> SIGMA_SCHEDULE =
      Option.choice("sigma_schedule", List.of(SigmaSchedule.values()));
  static final Option<Boolean> EULER_AT_FINAL = Option.flag("euler_at_final");

  /** Predictions of the noise and of the velocity, for schedulers that refuse the sample. */
  static final Option<PredictionType> NOISE_OR_VELOCITY =
      Option.choice(
          "prediction_type", List.of(PredictionType.EPSILON, PredictionType.V_PREDICTION));

  /** What every scheduler on a schedule of betas has. */
  static final OptionTable NOISE_SCHEDULE =
      OptionTable.empty()
          .with(NUM_TRAIN_TIMESTEPS, 1000)
          .with(BETA_START, 0.0001)
          .with(BETA_END, 0.02)
          .with(BETA_SCHEDULE, BetaSchedule.LINEAR)
          .with(TRAINED_BETAS, Optional.empty())
          .with(PREDICTION_TYPE, PredictionType.EPSILON);

  /** Rules for the noise levels of a run, and their range. */
  static OptionTable withLevelRules(OptionTable table) {
    return table
        .with(USE_KARRAS_SIGMAS, false)
        .with(USE_EXPONENTIAL_SIGMAS, false)
        .with(USE_BETA_SIGMAS, false)
        // in few signatures of the reference, but read by all where a configuration has them
        .with(SIGMA_MIN, Optional.empty())
        .with(SIGMA_MAX, Optional.empty());
  }

  /** The same with the betas that the later schedulers have by default. */
  static final OptionTable LATENT_NOISE_SCHEDULE =
      NOISE_SCHEDULE.with(BETA_START, 0.00085).with(BETA_END, 0.012);

  /**
   * Names that some scheduler of the reference's family knows. A configuration written for one may
   * be handed to another, where they have no effect.
   */
  private static final ImmutableSet<String> FAMILY =
      ImmutableSet.of(
          "algorithm_type",
          "beta_end",
          "beta_schedule",
          "beta_start",
          "clip_sample",
          "clip_sample_range",
          "corrector_order",
          "disable_corrector",
          "dynamic_thresholding_ratio",
          "euler_at_final",
          "final_sigmas_type",
          "flow_shift",
          "interpolation_type",
          "lambda_min_clipped",
          "lower_order_final",
          "noise_sampler_seed",
          "num_train_timesteps",
          "original_inference_steps",
          "predict_x0",
          "prediction_type",
          "predictor_order",
          "rescale_betas_zero_snr",
          "rho",
          "sample_max_value",
          "set_alpha_to_one",
          "set_alpha_to_zero",
          "shift_terminal",
          "sigma_data",
          "sigma_max",
          "sigma_min",
          "sigma_schedule",
          "skip_prk_steps",
          "snr_shift_scale",
          "solver_order",
          "solver_p",
          "solver_type",
          "steps_offset",
          "tau_func",
          "thresholding",
          "time_shift_type",
          "timestep_scaling",
          "timestep_spacing",
          "timestep_type",
          "trained_betas",
          "use_beta_sigmas",
          "use_dynamic_shifting",
          "use_exponential_sigmas",
          "use_flow_sigmas",
          "use_karras_sigmas",
          "use_lu_lambdas",
          "variance_type");

  /** Switches of models that this library does not run, with what they would mean. */
  private static final ImmutableMap<String, String> UNSUPPORTED =
      ImmutableMap.of(
          "use_flow_sigmas", "flow-matching models",
          "use_dynamic_shifting", "flow-matching models");

  private Options() {}

  /**
   * Looks at an option that a scheduler has no use for.
   *
   * @param name the option
   * @param value its value
   * @return what is wrong, if no scheduler knows the option, or if it asks for something that
   *     cannot be left out
   */
  static Optional<String> problemOfIgnoring(String name, @Nullable Object value) {
    if (!FAMILY.contains(name)) {
      return Optional.of(name + " is " + value + ", but no scheduler has such an option");
    }
    @Nullable String meaning = UNSUPPORTED.get(name);
    return meaning != null && Boolean.TRUE.equals(value)
        ? Optional.of(name + " is true, expected false: it belongs to " + meaning)
        : Optional.empty();
  }
}
