package io.t2v.scheduler;

/**
 * How Euler finds noise levels between trained timesteps. The reference's {@code
 * interpolation_type}.
 */
public enum InterpolationType implements ConfigValue {
  /** Linearly between trained levels. */
  LINEAR("linear"),
  /** Evenly in the logarithm from the highest level to the lowest, whatever the timesteps. */
  LOG_LINEAR("log_linear");

  private final String configName;

  InterpolationType(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
