package io.t2v.scheduler;

/** Second-order form of the DPM-Solvers. The reference's {@code solver_type}. */
public enum DpmSolverType implements ConfigValue {
  /** The midpoint rule. */
  MIDPOINT("midpoint"),
  /** The rule of Heun. */
  HEUN("heun");

  private final String configName;

  DpmSolverType(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
