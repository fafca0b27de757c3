package io.t2v.scheduler;

import java.util.List;
import java.util.Map;

/**
 * Turns noise into a sample step by step: a noise schedule and a solver. Implement it to plug in
 * your own.
 *
 * <p>A scheduler is configuration only: immutable, free of native memory, safe for use by many
 * threads. Everything that one run needs to remember lives in the {@link SamplingPlan} that it
 * makes for that run.
 */
public interface Scheduler {
  /**
   * Returns the name by which this scheduler is known, such as {@code DDIMScheduler}.
   *
   * @return a non-blank name; the built-in schedulers use the reference's class names
   */
  String name();

  /**
   * Returns the configuration, complete with defaults, for the record of a generation.
   *
   * @return option name to value: strings, booleans, numbers, or lists of them
   */
  Map<String, Object> config();

  /**
   * Returns the number of timesteps that the model was trained on.
   *
   * @return at least 1, usually 1000
   */
  int trainTimesteps();

  /**
   * Places the timesteps of a run where {@link AlignYourSteps} puts them.
   *
   * @param steps how many, at least 1
   * @return timesteps for {@link PlanRequest}; by default none, for a scheduler that takes none of
   *     the caller's choice
   * @throws IllegalArgumentException if so many steps do not fit
   */
  default List<Double> alignedTimesteps(int steps) {
    return List.of();
  }

  /**
   * Prepares one run. Cheap, and without side effects on this object.
   *
   * @param request number of steps and per-run settings
   * @return the plan of this run, which the caller closes
   * @throws IllegalArgumentException if the request is out of this scheduler's range, for example
   *     more steps than {@link #trainTimesteps()}
   */
  SamplingPlan plan(PlanRequest request);
}
