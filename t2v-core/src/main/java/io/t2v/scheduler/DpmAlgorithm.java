package io.t2v.scheduler;

/** Which equation a DPM-Solver solves. The reference's {@code algorithm_type}. */
public enum DpmAlgorithm implements ConfigValue {
  /** In the noise: Lu et al., "DPM-Solver". */
  DPM_SOLVER("dpmsolver", false, false),
  /** In the clean sample: Lu et al., "DPM-Solver++". */
  DPM_SOLVER_PLUS_PLUS("dpmsolver++", true, false),
  /** In the noise, with fresh noise in every step. */
  SDE_DPM_SOLVER("sde-dpmsolver", false, true),
  /** In the clean sample, with fresh noise in every step. */
  SDE_DPM_SOLVER_PLUS_PLUS("sde-dpmsolver++", true, true);

  private final String configName;
  private final boolean inCleanSample;
  private final boolean stochastic;

  DpmAlgorithm(String configName, boolean inCleanSample, boolean stochastic) {
    this.configName = configName;
    this.inCleanSample = inCleanSample;
    this.stochastic = stochastic;
  }

  @Override
  public String configName() {
    return configName;
  }

  /**
   * Tells what the solver extrapolates.
   *
   * @return true for the clean sample, false for the noise
   */
  boolean inCleanSample() {
    return inCleanSample;
  }

  /**
   * Tells whether each step adds noise.
   *
   * @return true for the SDE forms
   */
  boolean stochastic() {
    return stochastic;
  }
}
