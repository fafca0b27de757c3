package io.t2v.scheduler;

/**
 * Integrals of Lagrange polynomials in the logarithm of rho, in single precision, operation by
 * operation as in the reference: they are differences of much larger numbers.
 */
final class DeisWeights {
  private DeisWeights() {}

  /**
   * Integrates the polynomials that are 1 at one of the points and 0 at the others.
   *
   * @param rhos two or three points, newest first; the integral begins at the newest
   * @param end where it ends
   * @return the weight of each point
   */
  static double[] between(float[] rhos, float end) {
    double[] weights = new double[rhos.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = antiderivative(rhos, i, end) - antiderivative(rhos, i, rhos[0]);
    }
    return weights;
  }

  private static float antiderivative(float[] rhos, int point, float at) {
    float log = log(at);
    float own = log(rhos[point]);
    float b = log(rhos[(point + 1) % rhos.length]);
    if (rhos.length == 2) {
      return at * (-b + log - 1) / (own - b);
    }
    float c = log(rhos[(point + 2) % rhos.length]);
    float numerator = at * (b * (c - log + 1) - c * log + c + log * log - 2 * log + 2);
    return numerator / ((own - b) * (own - c));
  }

  private static float log(float x) {
    return (float) Math.log(x);
  }
}
