package io.t2v.scheduler;

/** How EDM schedulers place noise levels. The reference's {@code sigma_schedule}. */
public enum SigmaSchedule implements ConfigValue {
  /** Karras et al., with exponent rho. */
  KARRAS("karras"),
  /** Evenly in the logarithm. */
  EXPONENTIAL("exponential");

  private final String configName;

  SigmaSchedule(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
