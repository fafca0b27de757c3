package io.t2v.scheduler;

/** The reference's {@code solver_type} of DEIS. */
enum DeisSolverType implements ConfigValue {
  /** The only one: polynomials in the logarithm of rho. */
  LOG_RHO("logrho");

  private final String configName;

  DeisSolverType(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
