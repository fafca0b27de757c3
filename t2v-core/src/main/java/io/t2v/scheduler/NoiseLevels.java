package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.function.DoubleUnaryOperator;

/** Rules that place the noise levels of a run, and the timesteps that belong to them. */
final class NoiseLevels {
  private static final double KARRAS_RHO = 7;
  private static final BetaDistribution BETA = new BetaDistribution(0.6);

  private NoiseLevels() {}

  /** How a run's noise levels are placed. */
  enum Rule {
    /** At the chosen timesteps. */
    TIMESTEPS,
    /** Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models". */
    KARRAS,
    /** Evenly in the logarithm. */
    EXPONENTIAL,
    /** Lee et al., "Beta Sampling is All You Need". */
    BETA,
    /** Evenly in the logarithm of the signal-to-noise ratio; Lu et al., "DPM-Solver". */
    LU;

    static Rule of(OptionValues options) {
      if (options.isOn(Options.USE_KARRAS_SIGMAS)) {
        return KARRAS;
      }
      if (options.isOn(Options.USE_LU_LAMBDAS)) {
        return LU;
      }
      if (options.isOn(Options.USE_EXPONENTIAL_SIGMAS)) {
        return EXPONENTIAL;
      }
      return options.isOn(Options.USE_BETA_SIGMAS) ? BETA : TIMESTEPS;
    }
  }

  /**
   * Places the noise levels of a run.
   *
   * @param rule any but {@link Rule#TIMESTEPS}
   * @param min the lowest level
   * @param max the highest level
   * @param steps how many
   * @return falling levels
   */
  static double[] placed(Rule rule, double min, double max, int steps) {
    return switch (rule) {
      case KARRAS -> karras(min, max, KARRAS_RHO, steps);
      case EXPONENTIAL, LU ->
          map(Timesteps.linspace(Math.log(max), Math.log(min), steps), Math::exp);
      case BETA ->
          map(Timesteps.linspace(0, 1, steps), x -> min + BETA.quantile(1 - x) * (max - min));
      case TIMESTEPS -> throw new IllegalArgumentException("no rule of its own");
    };
  }

  static double[] karras(double min, double max, double rho, int steps) {
    double low = Math.pow(min, 1 / rho);
    double high = Math.pow(max, 1 / rho);
    return map(Timesteps.linspace(0, 1, steps), x -> Math.pow(high + x * (low - high), rho));
  }

  /**
   * Interpolates in a table of values at 0, 1, 2, ...; constant beyond its ends. numpy's interp.
   */
  static double interpolated(float[] table, double at) {
    if (at <= 0) {
      return table[0];
    }
    int below = (int) at;
    if (below >= table.length - 1) {
      return table[table.length - 1];
    }
    double slope = (double) table[below + 1] - table[below];
    return slope * (at - below) + table[below];
  }

  /** Logarithms in single precision, as the reference has them. */
  static float[] logs(float[] values) {
    float[] logs = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      logs[i] = (float) Math.log(values[i]);
    }
    return logs;
  }

  /**
   * Finds the timestep, in general between two trained ones, that has a noise level.
   *
   * @param sigma the level
   * @param logSigmas logarithms of the trained levels, rising
   * @return the timestep
   */
  static double timestepOf(double sigma, float[] logSigmas) {
    double log = Math.log(Math.max(sigma, 1e-10));
    int low = 0;
    for (int i = 0; i < logSigmas.length; i++) {
      if (log - logSigmas[i] >= 0) {
        low = i;
      }
    }
    low = Math.min(low, logSigmas.length - 2);
    checkArgument(low >= 0, "a schedule of one timestep has no noise levels to interpolate");
    double weight = (logSigmas[low] - log) / (logSigmas[low] - logSigmas[low + 1]);
    weight = Math.min(Math.max(weight, 0), 1);
    return (1 - weight) * low + weight * (low + 1);
  }

  static double[] map(double[] values, DoubleUnaryOperator function) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = function.applyAsDouble(values[i]);
    }
    return result;
  }

  /** The mean of two levels in the logarithm. */
  static float geometricMean(float a, float b) {
    float logA = (float) Math.log(a);
    float logB = (float) Math.log(b);
    return (float) Math.exp(logB - (logB - logA) * 0.5f);
  }

  /** The levels in single precision, with the one at which the run ends. */
  static float[] withLast(double[] sigmas, float last) {
    float[] result = new float[sigmas.length + 1];
    for (int i = 0; i < sigmas.length; i++) {
      result[i] = (float) sigmas[i];
    }
    result[sigmas.length] = last;
    return result;
  }
}
