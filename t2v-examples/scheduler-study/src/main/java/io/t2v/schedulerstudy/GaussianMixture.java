package io.t2v.schedulerstudy;

/**
 * Numbers that are drawn from some normal distributions: data for which a perfect denoiser is a
 * formula. Noise of level σ is added to them, x = clean + σ · noise.
 */
public final class GaussianMixture {
  /** Two humps of different height. */
  public static final GaussianMixture TWO_HUMPS =
      new GaussianMixture(new double[] {0.3, 0.7}, new double[] {-1.2, 0.8}, 0.35);

  /** Steps of the exact solution: its error is far below that of any solver here. */
  private static final int EXACT_STEPS = 2000;

  private final double[] weights;
  private final double[] means;
  private final double deviation;

  private GaussianMixture(double[] weights, double[] means, double deviation) {
    this.weights = weights;
    this.means = means;
    this.deviation = deviation;
  }

  /**
   * Returns the mean of the data.
   *
   * @return its expected value
   */
  public double mean() {
    double mean = 0;
    for (int i = 0; i < means.length; i++) {
      mean += weights[i] * means[i];
    }
    return mean;
  }

  /**
   * Returns the variance of the data.
   *
   * @return of all humps together
   */
  public double variance() {
    double second = deviation * deviation;
    for (int i = 0; i < means.length; i++) {
      second += weights[i] * means[i] * means[i];
    }
    return second - mean() * mean();
  }

  /**
   * Denoises as well as can be: the expected value of the clean number.
   *
   * @param x a noisy number
   * @param level its noise level
   * @return the mean of all clean numbers that it may come from
   */
  public double clean(double x, double level) {
    double variance = deviation * deviation + level * level;
    double largest = Double.NEGATIVE_INFINITY;
    for (double mean : means) {
      largest = Math.max(largest, -(x - mean) * (x - mean) / (2 * variance));
    }
    double sum = 0;
    double total = 0;
    for (int i = 0; i < means.length; i++) {
      double distance = x - means[i];
      double density = weights[i] * Math.exp(-distance * distance / (2 * variance) - largest);
      sum += density * (means[i] + deviation * deviation / variance * distance);
      total += density;
    }
    return sum / total;
  }

  /**
   * Follows the probability flow, dx/dσ = (x − clean(x, σ)) / σ, which deterministic solvers
   * approximate, with steps so small that their error does not count.
   *
   * @param x a number
   * @param from its noise level
   * @param to another one
   * @return where the flow leads it
   */
  public double flow(double x, double from, double to) {
    double step = Math.log(to / from) / EXACT_STEPS;
    double log = Math.log(from);
    double at = x;
    for (int i = 0; i < EXACT_STEPS; i++) {
      double one = slope(at, log);
      double two = slope(at + step / 2 * one, log + step / 2);
      double three = slope(at + step / 2 * two, log + step / 2);
      double four = slope(at + step * three, log + step);
      at += step / 6 * (one + 2 * two + 2 * three + four);
      log += step;
    }
    return at;
  }

  private double slope(double x, double logLevel) {
    return x - clean(x, Math.exp(logLevel));
  }
}
