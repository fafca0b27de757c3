package io.t2v.scheduler;

import java.util.List;

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
  private final boolean predictsX0;
  private final boolean stochastic;

  DpmAlgorithm(String configName, boolean predictsX0, boolean stochastic) {
    this.configName = configName;
    this.predictsX0 = predictsX0;
    this.stochastic = stochastic;
  }

  @Override
  public String configName() {
    return configName;
  }

  /**
   * Returns whether the solver extrapolates the clean sample x₀.
   *
   * @return false for the noise
   */
  boolean predictsX0() {
    return predictsX0;
  }

  /**
   * Returns whether each step adds noise.
   *
   * @return true for the SDE forms
   */
  boolean stochastic() {
    return stochastic;
  }

  /** Finds an end at which the equation in the noise would divide by zero. */
  void check(FinalSigmas end, List<String> problems) {
    if (!predictsX0 && end == FinalSigmas.ZERO) {
      problems.add(
          "algorithm_type "
              + configName
              + " cannot end at final_sigmas_type zero, expected sigma_min");
    }
  }
}
