package io.t2v.scheduler;

/**
 * The midpoint method in the logarithm of the noise level, after DPM-Solver-2 of Lu et al.,
 * "DPM-Solver", as in k-diffusion. The reference's {@code KDPM2DiscreteScheduler}.
 *
 * <p>Evaluates the model twice in every step but the last: a run of n steps has 2 n − 1 timesteps.
 */
public final class KDpm2DiscreteScheduler extends KDpm2Scheduler<KDpm2DiscreteScheduler> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "KDPM2DiscreteScheduler";

  private KDpm2DiscreteScheduler(OptionValues options) {
    super(NAME, options, KDpm2DiscreteScheduler::builder);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static KDpm2DiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<KDpm2DiscreteScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, KDpm2DiscreteScheduler::new);
  }

  @Override
  float noiseScale(float from, float to) {
    return 0;
  }

  @Override
  float target(float to, float noiseScale) {
    return to;
  }

  @Override
  float middle(float from, float target) {
    return NoiseLevels.geometricMean(target, from);
  }
}
