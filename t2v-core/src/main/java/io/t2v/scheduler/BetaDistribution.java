package io.t2v.scheduler;

/** The beta distribution with both parameters equal, as beta sigmas use it. */
final class BetaDistribution {
  private static final int MAX_TERMS = 500;
  private static final double[] LANCZOS = {
    0.9999999999998099,
    676.5203681218851,
    -1259.1392167224028,
    771.3234287776531,
    -176.6150291621406,
    12.507343278686905,
    -0.13857109526572012,
    9.984369578019572e-6,
    1.5056327351493116e-7
  };

  private final double shape;
  private final double logBeta;

  BetaDistribution(double shape) {
    this.shape = shape;
    this.logBeta = 2 * logGamma(shape) - logGamma(2 * shape);
  }

  /**
   * Inverts the distribution function, by bisection to the last bit.
   *
   * @param probability from 0 to 1
   * @return where the distribution function has that value
   */
  double quantile(double probability) {
    if (probability > 0.5) {
      return 1 - quantile(1 - probability);
    }
    double low = 0;
    double high = 0.5;
    while (true) {
      // a factor at a time until the order of magnitude is known
      double middle = low == 0 ? high / 16 : (low + high) / 2;
      if (middle <= low || middle >= high) {
        return probability == 0 ? 0 : high;
      }
      if (middle < 1e-300) {
        return 0;
      }
      if (cumulative(middle) < probability) {
        low = middle;
      } else {
        high = middle;
      }
    }
  }

  /** The regularised incomplete beta function below one half, by its power series. */
  private double cumulative(double x) {
    double term = 1;
    double sum = 1 / shape;
    for (int n = 1; n < MAX_TERMS; n++) {
      term *= (n - shape) / n * x;
      double next = sum + term / (shape + n);
      if (next == sum) {
        break;
      }
      sum = next;
    }
    return Math.exp(shape * Math.log(x) - logBeta) * sum;
  }

  private static double logGamma(double x) {
    if (x < 0.5) {
      return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
    }
    double sum = LANCZOS[0];
    for (int i = 1; i < LANCZOS.length; i++) {
      sum += LANCZOS[i] / (x - 1 + i);
    }
    double t = x - 1 + LANCZOS.length - 1.5;
    return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
  }
}
