package io.t2v.scheduler;

/**
 * The method of {@link KDpm2DiscreteScheduler} with ancestral noise, as in k-diffusion. The
 * reference's {@code KDPM2AncestralDiscreteScheduler}.
 *
 * <p>Evaluates the model twice in every step but the last: a run of n steps has 2 n − 1 timesteps.
 * Draws noise at the end of each step but the last.
 */
public final class KDpm2AncestralDiscreteScheduler
    extends KDpm2Scheduler<KDpm2AncestralDiscreteScheduler> {
  /** The reference's name of this scheduler. */
  public static final String NAME = "KDPM2AncestralDiscreteScheduler";

  private KDpm2AncestralDiscreteScheduler(OptionValues options) {
    super(NAME, options, KDpm2AncestralDiscreteScheduler::builder);
  }

  /**
   * Reads a configuration, as {@link SchedulerFactory#fromConfig} says.
   *
   * @param config written for this or another scheduler
   * @return the scheduler
   */
  public static KDpm2AncestralDiscreteScheduler fromConfig(SchedulerConfig config) {
    return builder().config(config).build();
  }

  /**
   * Starts with the reference's defaults.
   *
   * @return a builder
   */
  public static StandardSchedulerBuilder<KDpm2AncestralDiscreteScheduler> builder() {
    return new StandardSchedulerBuilder<>(NAME, OPTIONS, KDpm2AncestralDiscreteScheduler::new);
  }

  @Override
  float noiseScale(float from, float to) {
    return SigmaPlan.up(from, to);
  }

  @Override
  float target(float to, float noiseScale) {
    return SigmaPlan.down(to, noiseScale);
  }

  @Override
  float middle(float from, float target) {
    return NoiseLevels.geometricMean(from, target);
  }
}
