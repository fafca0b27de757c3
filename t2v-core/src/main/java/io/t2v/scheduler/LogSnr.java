package io.t2v.scheduler;

/**
 * A point on the way from noise to sample in the terms of the DPM-Solver papers, where latents =
 * alpha · clean + sigma · noise with alpha² + sigma² = 1. In single precision, as in the reference.
 *
 * @param alpha share of the clean sample
 * @param sigma share of the noise
 * @param lambda half the logarithm of the signal-to-noise ratio
 */
record LogSnr(float alpha, float sigma, float lambda) {
  /**
   * Places a noise level.
   *
   * @param level standard deviation of the noise relative to the sample's share
   * @return its shares; lambda is infinite for level 0
   */
  static LogSnr ofLevel(float level) {
    float alpha = 1 / (float) Math.sqrt(level * level + 1);
    float sigma = level * alpha;
    return new LogSnr(alpha, sigma, log(alpha) - log(sigma));
  }

  private static float log(float x) {
    return (float) Math.log(x);
  }
}
