package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * How much of a sample is left at each timestep that the model was trained on.
 *
 * <p>Computed in single precision where the reference does, so that the numbers are the same: near
 * the clean end a solver divides by differences of these, and a last bit becomes visible.
 */
public final class NoiseSchedule {
  private static final double MAX_BETA = 0.999;

  /** Half precision's smallest number: what the reference puts in place of a zero signal. */
  private static final float ALMOST_NO_SIGNAL = 0x1p-24f;

  private static final Option<BetaSchedule> ANY_SHAPE =
      Option.choice(Options.BETA_SCHEDULE.name(), List.of(BetaSchedule.values()));

  private final float[] alphasCumprod;

  private NoiseSchedule(float[] alphasCumprod) {
    this.alphasCumprod = alphasCumprod;
  }

  /**
   * Makes a schedule by its usual name.
   *
   * @param schedule shape of the schedule
   * @param start the first beta, 0 to 1
   * @param end the last beta, 0 to 1; both are unused by the cosine, Laplace and exponential
   *     schedules
   * @param timesteps how many, 1 to 1,000,000
   * @return the schedule
   * @throws IllegalArgumentException if one of them is out of range
   */
  public static NoiseSchedule of(BetaSchedule schedule, double start, double end, int timesteps) {
    checkArgument(
        timesteps >= 1 && timesteps <= Options.MAX_TIMESTEPS,
        "timesteps is %s, expected 1 to 1000000",
        timesteps);
    checkArgument(start >= 0 && start <= 1, "start is %s, expected 0 to 1", start);
    checkArgument(end >= 0 && end <= 1, "end is %s, expected 0 to 1", end);
    return ofBetas(betas(schedule, start, end, timesteps));
  }

  /**
   * Makes a schedule of betas.
   *
   * @param betas variance that each training step adds, 0 to 1 each, at least one
   * @return the schedule
   * @throws IllegalArgumentException if there is none, or one is out of range
   */
  public static NoiseSchedule ofBetas(float[] betas) {
    checkArgument(betas.length > 0, "no betas, expected at least 1");
    for (float beta : betas) {
      checkArgument(beta >= 0 && beta <= 1, "a beta is %s, expected 0 to 1", beta);
    }
    return new NoiseSchedule(cumulativeProduct(betas));
  }

  /**
   * Reads the schedule of a configuration, for custom schedulers.
   *
   * @param config whose {@code num_train_timesteps}, {@code beta_schedule}, {@code beta_start},
   *     {@code beta_end}, {@code trained_betas} and {@code rescale_betas_zero_snr} are read; absent
   *     ones have the reference's defaults: linear from 0.0001 to 0.02, 1000 timesteps
   * @return the schedule
   * @throws IllegalArgumentException if one of them takes no such value
   */
  public static NoiseSchedule fromConfig(SchedulerConfig config) {
    OptionTable table =
        Options.NOISE_SCHEDULE
            .with(ANY_SHAPE, BetaSchedule.LINEAR)
            .with(Options.RESCALE_BETAS_ZERO_SNR, false);
    return of(table.values(config.readAll(table)));
  }

  static NoiseSchedule of(OptionValues options) {
    Optional<List<Double>> trained = options.get(Options.TRAINED_BETAS);
    float[] betas =
        trained.isPresent()
            ? singlePrecision(trained.get())
            : betas(
                options.get(Options.BETA_SCHEDULE),
                options.get(Options.BETA_START),
                options.get(Options.BETA_END),
                options.get(Options.NUM_TRAIN_TIMESTEPS));
    return ofBetas(
        options.isOn(Options.RESCALE_BETAS_ZERO_SNR) ? withZeroTerminalSnr(betas) : betas);
  }

  /**
   * Returns the number of timesteps.
   *
   * @return at least 1
   */
  public int timesteps() {
    return alphasCumprod.length;
  }

  /**
   * Returns the share of the clean sample's variance that is left. The reference's {@code
   * alphas_cumprod}.
   *
   * @param timestep from 0
   * @return between 0 and 1
   */
  public float alphaCumprod(int timestep) {
    return alphasCumprod[timestep];
  }

  /**
   * Returns the noise level: standard deviation of the noise relative to the sample's share.
   *
   * @param timestep from 0
   * @return at least 0; infinite where nothing of the sample is left
   */
  public float sigma(int timestep) {
    float alpha = alphasCumprod[timestep];
    return sqrt((1 - alpha) / alpha);
  }

  /**
   * Finds the timestep that has a noise level, for a scheduler that places levels.
   *
   * @param sigma the noise level, above 0
   * @return in general between two timesteps, interpolated in the logarithm of the level; the first
   *     or last timestep for a level beyond theirs
   * @throws IllegalArgumentException if the schedule has one timestep alone
   */
  public double timestepOf(double sigma) {
    return NoiseLevels.timestepOf(sigma, NoiseLevels.logs(sigmas()));
  }

  /** Refuses a prediction of noise where nothing else is left: it says nothing of the sample. */
  void checkSignal(int timestep, PredictionType prediction) {
    checkArgument(
        prediction != PredictionType.EPSILON || alphasCumprod[timestep] > 0,
        "nothing of the sample is left at timestep %s, where a prediction of the noise says"
            + " nothing: with rescale_betas_zero_snr the prediction_type is v_prediction or sample",
        timestep);
  }

  /** The noise levels of all timesteps, rising. */
  float[] sigmas() {
    float[] sigmas = new float[alphasCumprod.length];
    for (int t = 0; t < sigmas.length; t++) {
      sigmas[t] = sigma(t);
    }
    return sigmas;
  }

  /** Half the logarithm of the signal-to-noise ratio. The reference's {@code lambda_t}. */
  float lambda(int timestep) {
    float alpha = alphasCumprod[timestep];
    return (float) Math.log(sqrt(alpha)) - (float) Math.log(sqrt(1 - alpha));
  }

  /**
   * Makes the schedule of a configuration for solvers that need a finite noise level everywhere:
   * where it is rescaled to end in pure noise, a trace of signal is left.
   */
  static NoiseSchedule withFiniteSigmas(OptionValues options) {
    NoiseSchedule schedule = of(options);
    if (!options.isOn(Options.RESCALE_BETAS_ZERO_SNR)) {
      return schedule;
    }
    float[] alphas = schedule.alphasCumprod.clone();
    alphas[alphas.length - 1] = ALMOST_NO_SIGNAL;
    return new NoiseSchedule(alphas);
  }

  private static float[] betas(BetaSchedule schedule, double start, double end, int timesteps) {
    return switch (schedule) {
      case LINEAR -> linspace((float) start, (float) end, timesteps);
      case SCALED_LINEAR ->
          map(
              linspace((float) Math.sqrt(start), (float) Math.sqrt(end), timesteps),
              root -> root * root);
      case SIGMOID ->
          map(
              linspace(-6, 6, timesteps),
              x -> (float) (1 / (1 + Math.exp(-x))) * (float) (end - start) + (float) start);
      case SQUARED_COSINE -> ofSignal(NoiseSchedule::squaredCosine, timesteps);
      case LAPLACE -> ofSignal(NoiseSchedule::laplace, timesteps);
      case EXPONENTIAL -> ofSignal(t -> Math.exp(t * -12), timesteps);
    };
  }

  private static double squaredCosine(double t) {
    double cosine = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
    return cosine * cosine;
  }

  private static double laplace(double t) {
    double lambda = -0.5 * Math.copySign(1, 0.5 - t) * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6);
    double snr = Math.exp(lambda);
    return Math.sqrt(snr / (1 + snr));
  }

  /** A function in single precision. */
  @FunctionalInterface
  private interface FloatFunction {
    float apply(float x);
  }

  private static float[] map(float[] values, FloatFunction function) {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = function.apply(values[i]);
    }
    return result;
  }

  /**
   * Betas whose products follow a function of time. The reference's {@code betas_for_alpha_bar}.
   */
  private static float[] ofSignal(DoubleUnaryOperator signal, int timesteps) {
    float[] betas = new float[timesteps];
    for (int t = 0; t < timesteps; t++) {
      double before = signal.applyAsDouble((double) t / timesteps);
      double after = signal.applyAsDouble((t + 1.0) / timesteps);
      betas[t] = (float) Math.min(1 - after / before, MAX_BETA);
    }
    return betas;
  }

  /** Algorithm 1 of Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed". */
  private static float[] withZeroTerminalSnr(float[] betas) {
    float[] roots = cumulativeProduct(betas);
    int last = roots.length - 1;
    for (int t = 0; t <= last; t++) {
      roots[t] = sqrt(roots[t]);
    }
    float shift = roots[last];
    float scale = roots[0] / (roots[0] - shift);
    float before = 1;
    float[] rescaled = new float[roots.length];
    for (int t = 0; t <= last; t++) {
      float root = (roots[t] - shift) * scale;
      float signal = root * root;
      rescaled[t] = 1 - signal / before;
      before = signal;
    }
    return rescaled;
  }

  /** libtorch multiplies single precision up in double precision. */
  private static float[] cumulativeProduct(float[] betas) {
    float[] products = new float[betas.length];
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      product *= 1 - betas[t];
      products[t] = (float) product;
    }
    return products;
  }

  /** libtorch's linspace, bit for bit: it counts from both ends, and rounds once. */
  private static float[] linspace(float start, float end, int count) {
    float[] values = new float[count];
    if (count == 1) {
      values[0] = start;
      return values;
    }
    float step = (end - start) / (count - 1);
    for (int i = 0; i < count; i++) {
      values[i] = i < count / 2 ? Math.fma(step, i, start) : Math.fma(-step, count - i - 1, end);
    }
    return values;
  }

  private static float[] singlePrecision(List<Double> numbers) {
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i).floatValue();
    }
    return values;
  }

  private static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }
}
