package io.t2v.scheduler;

import com.google.common.collect.ImmutableMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes built-in schedulers by the reference's class names. */
public final class Schedulers {
  private static final ImmutableMap<String, SchedulerFactory> BY_NAME =
      ImmutableMap.<String, SchedulerFactory>builder()
          .put(DdimScheduler.NAME, DdimScheduler::fromConfig)
          .put(DdpmScheduler.NAME, DdpmScheduler::fromConfig)
          .put(LcmScheduler.NAME, LcmScheduler::fromConfig)
          .put(PndmScheduler.NAME, PndmScheduler::fromConfig)
          .put(TcdScheduler.NAME, TcdScheduler::fromConfig)
          .put(DpmSolverMultistepScheduler.NAME, DpmSolverMultistepScheduler::fromConfig)
          .put(EulerAncestralDiscreteScheduler.NAME, EulerAncestralDiscreteScheduler::fromConfig)
          .put(EulerDiscreteScheduler.NAME, EulerDiscreteScheduler::fromConfig)
          .put(LmsDiscreteScheduler.NAME, LmsDiscreteScheduler::fromConfig)
          .put(HeunDiscreteScheduler.NAME, HeunDiscreteScheduler::fromConfig)
          .put(KDpm2DiscreteScheduler.NAME, KDpm2DiscreteScheduler::fromConfig)
          .put(KDpm2AncestralDiscreteScheduler.NAME, KDpm2AncestralDiscreteScheduler::fromConfig)
          .put(EdmEulerScheduler.NAME, EdmEulerScheduler::fromConfig)
          .put(DpmSolverSinglestepScheduler.NAME, DpmSolverSinglestepScheduler::fromConfig)
          .put(DeisMultistepScheduler.NAME, DeisMultistepScheduler::fromConfig)
          .put(UniPcMultistepScheduler.NAME, UniPcMultistepScheduler::fromConfig)
          .put(DpmSolverSdeScheduler.NAME, DpmSolverSdeScheduler::fromConfig)
          .buildOrThrow();

  private Schedulers() {}

  /**
   * Makes the scheduler that a configuration was written for.
   *
   * @param config a {@code scheduler_config.json}
   * @return the scheduler of its class
   * @throws IllegalArgumentException if the class is not supported, or refuses an option
   */
  public static Scheduler fromConfig(SchedulerConfig config) {
    return byName(config.className()).fromConfig(config);
  }

  /**
   * Finds a scheduler by name, to put it on the noise schedule of a configuration that was written
   * for another.
   *
   * @param name the reference's class name
   * @return what makes it
   * @throws IllegalArgumentException if there is no scheduler of that name
   */
  public static SchedulerFactory byName(String name) {
    @Nullable SchedulerFactory factory = BY_NAME.get(name);
    if (factory == null) {
      throw new IllegalArgumentException(
          "scheduler " + name + " is not supported, expected one of " + names());
    }
    return factory;
  }

  /**
   * Returns the names that {@link #byName} knows.
   *
   * @return an immutable set
   */
  public static Set<String> names() {
    return BY_NAME.keySet();
  }
}
