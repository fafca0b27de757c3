package io.t2v.scheduler;

/** What Euler tells a velocity model as the timestep. The reference's {@code timestep_type}. */
public enum TimestepType implements ConfigValue {
  /** A trained timestep, or a number between two. */
  DISCRETE("discrete"),
  /** A quarter of the logarithm of the noise level. */
  CONTINUOUS("continuous");

  private final String configName;

  TimestepType(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
