package io.t2v.scheduler;

/**
 * How the noise that one training step adds grows with the timestep. The reference's {@code
 * beta_schedule}.
 */
public enum BetaSchedule implements ConfigValue {
  /** Evenly spaced betas. */
  LINEAR("linear"),
  /** Squares of evenly spaced numbers: the schedule of latent diffusion models. */
  SCALED_LINEAR("scaled_linear"),
  /**
   * The cosine schedule of Nichol and Dhariwal, "Improved Denoising Diffusion Probabilistic
   * Models".
   */
  SQUARED_COSINE("squaredcos_cap_v2"),
  /** A sigmoid between the first and the last beta; DDPM only. */
  SIGMOID("sigmoid"),
  /** The Laplace schedule of "Improved Noise Schedule for Diffusion Training"; DDPM only. */
  LAPLACE("laplace"),
  /** Exponentially falling signal; Heun only. */
  EXPONENTIAL("exp");

  private final String configName;

  BetaSchedule(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
