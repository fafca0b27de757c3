package io.t2v.scheduler;

/**
 * Where the variance of a step comes from: a formula, or the model's output. The reference's {@code
 * variance_type}.
 */
public enum VarianceType implements ConfigValue {
  /** The posterior variance. */
  FIXED_SMALL("fixed_small"),
  /** The posterior variance, formed in logarithms. */
  FIXED_SMALL_LOG("fixed_small_log"),
  /** The variance of the forward step. */
  FIXED_LARGE("fixed_large"),
  /** The logarithm of the forward step's variance. */
  FIXED_LARGE_LOG("fixed_large_log"),
  /** A second half of the output channels is the variance. */
  LEARNED("learned"),
  /** A second half of the output channels lies between the two fixed variances. */
  LEARNED_RANGE("learned_range");

  private final String configName;

  VarianceType(String configName) {
    this.configName = configName;
  }

  @Override
  public String configName() {
    return configName;
  }
}
