package io.t2v.scheduler;

/**
 * Which of the trained timesteps a run visits. Table 2 of Lin et al., "Common Diffusion Noise
 * Schedules and Sample Steps are Flawed".
 */
public enum TimestepSpacing implements ConfigValue {
  /** Evenly from the last timestep to the first, both included. */
  LINSPACE("linspace"),
  /**
   * Multiples of the step width, counted from the first timestep; the last may be far from pure
   * noise.
   */
  LEADING("leading"),
  /** Multiples of the step width, counted from the last timestep. */
  TRAILING("trailing");

  private final String configName;

  TimestepSpacing(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
