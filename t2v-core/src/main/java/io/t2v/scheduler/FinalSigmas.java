package io.t2v.scheduler;

/** The noise level at which a run ends. The reference's {@code final_sigmas_type}. */
public enum FinalSigmas implements ConfigValue {
  /** No noise at all. */
  ZERO("zero"),
  /** The lowest level of the training schedule. */
  SIGMA_MIN("sigma_min");

  private final String configName;

  FinalSigmas(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
