package io.t2v.scheduler;

import java.util.List;
import java.util.Optional;

/**
 * The options of all schedulers, under the reference's names. {@code integer_skipping_step} is not
 * one of the reference's.
 */
final class Options {
  /** Far more than any model was trained on, and few enough to hold a schedule of them. */
  static final int MAX_TIMESTEPS = 1_000_000;

  /** Far beyond what a noise level, a range or a factor of a real model is. */
  static final double MAX = 1_000_000;

  static final Option<Integer> NUM_TRAIN_TIMESTEPS =
      Option.integer("num_train_timesteps", 1, MAX_TIMESTEPS);
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
  static final Option<Integer> STEPS_OFFSET = Option.integer("steps_offset", 0, MAX_TIMESTEPS);
  static final Option<Boolean> SET_ALPHA_TO_ONE = Option.flag("set_alpha_to_one");
  static final Option<FinalSigmas> FINAL_SIGMAS_TYPE =
      Option.choice("final_sigmas_type", List.of(FinalSigmas.values()));
  static final Option<Boolean> USE_KARRAS_SIGMAS = Option.flag("use_karras_sigmas");
  static final Option<Boolean> USE_EXPONENTIAL_SIGMAS = Option.flag("use_exponential_sigmas");
  static final Option<Boolean> USE_BETA_SIGMAS = Option.flag("use_beta_sigmas");
  static final Option<Boolean> USE_LU_LAMBDAS = Option.flag("use_lu_lambdas");
  static final Option<Optional<Double>> SIGMA_MIN = Option.positive("sigma_min", MAX).orNull();
  static final Option<Optional<Double>> SIGMA_MAX = Option.positive("sigma_max", MAX).orNull();
  static final Option<Double> LAMBDA_MIN_CLIPPED =
      Option.number("lambda_min_clipped", Double.NEGATIVE_INFINITY, MAX);

  static final Option<String> DEIS_ALGORITHM =
      Option.word("algorithm_type", "deis").withAliases("deis", "dpmsolver", "dpmsolver++");
  static final Option<String> DEIS_SOLVER_TYPE =
      Option.word("solver_type", "logrho").withAliases("logrho", "midpoint", "heun", "bh1", "bh2");
  static final Option<UniPcSolverType> UNIPC_SOLVER_TYPE =
      Option.choice("solver_type", List.of(UniPcSolverType.values()))
          .withAliases(UniPcSolverType.BH2, "midpoint", "heun", "logrho");
  static final Option<Boolean> PREDICT_X0 = Option.flag("predict_x0");
  static final Option<List<Double>> DISABLE_CORRECTOR =
      Option.numbers("disable_corrector", 0, MAX_TIMESTEPS);
  static final Option<Integer> SOLVER_ORDER = Option.integer("solver_order", 1, 3);
  static final Option<DpmAlgorithm> DPM_ALGORITHM =
      Option.choice("algorithm_type", List.of(DpmAlgorithm.values()))
          .withAliases(DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, "deis");
  static final Option<DpmSolverType> DPM_SOLVER_TYPE =
      Option.choice("solver_type", List.of(DpmSolverType.values()))
          .withAliases(DpmSolverType.MIDPOINT, "logrho", "bh1", "bh2");
  static final Option<Boolean> SKIP_PRK_STEPS = Option.flag("skip_prk_steps");
  static final Option<Integer> ORIGINAL_INFERENCE_STEPS =
      Option.integer("original_inference_steps", 1, MAX_TIMESTEPS);
  static final Option<Boolean> INTEGER_SKIPPING_STEP = Option.flag("integer_skipping_step");
  static final Option<Double> TIMESTEP_SCALING = Option.number("timestep_scaling", 0, MAX);
  static final Option<Boolean> LOWER_ORDER_FINAL = Option.flag("lower_order_final");
  static final Option<InterpolationType> INTERPOLATION_TYPE =
      Option.choice("interpolation_type", List.of(InterpolationType.values()));
  static final Option<TimestepType> TIMESTEP_TYPE =
      Option.choice("timestep_type", List.of(TimestepType.values()));
  static final Option<Double> SIGMA_DATA = Option.positive("sigma_data", MAX);
  static final Option<Double> RHO = Option.positive("rho", MAX);
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

  /** The same with the betas of latent diffusion models, which the later schedulers have. */
  static final OptionTable LATENT_NOISE_SCHEDULE =
      NOISE_SCHEDULE.with(BETA_START, 0.00085).with(BETA_END, 0.012);

  private Options() {}
}
