package io.t2v.scheduler;

/** The reference's {@code algorithm_type} of DEIS. */
enum DeisAlgorithm implements ConfigValue {
  /** The only one. */
  DEIS("deis");

  private final String configName;

  DeisAlgorithm(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
