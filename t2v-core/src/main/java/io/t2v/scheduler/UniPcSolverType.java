package io.t2v.scheduler;

/** The function B(h) of UniPC. The reference's {@code solver_type}. */
enum UniPcSolverType implements ConfigValue {
  /** h, for few steps without guidance. */
  BH1("bh1"),
  /** e^h - 1, for guided sampling. */
  BH2("bh2");

  private final String configName;

  UniPcSolverType(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
