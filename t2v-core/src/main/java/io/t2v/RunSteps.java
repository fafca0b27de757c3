package io.t2v;

import static com.google.common.base.Preconditions.checkState;

import io.t2v.internal.pipeline.GuidanceSchedule;
import io.t2v.scheduler.SamplingPlan;
import java.util.Arrays;

/**
 * The steps of a plan that a run makes: all of them, or, from a video, the last ones.
 *
 * @param plan of the whole way from noise to a video
 * @param start index of the first timestep that the run visits; the number of timesteps for none
 * @param guidance of the visited timesteps, counted from the start
 */
record RunSteps(SamplingPlan plan, int start, GuidanceSchedule guidance) {
  /**
   * Finds the steps of a request.
   *
   * @throws IllegalArgumentException if the scheduler cannot start in the middle
   */
  static RunSteps of(GenerationRequest request, SamplingPlan plan) {
    double[] timesteps = plan.timesteps();
    int start = start(request, plan, timesteps.length);
    return new RunSteps(
        plan,
        start,
        GuidanceSchedule.of(
            request.guidance(), Arrays.copyOfRange(timesteps, start, timesteps.length)));
  }

  private static int start(GenerationRequest request, SamplingPlan plan, int timesteps) {
    int skipped = request.steps() - request.stepsFromStart();
    if (skipped == 0) {
      return 0;
    }
    if (skipped == request.steps()) {
      return timesteps;
    }
    int start = plan.startIndex(skipped);
    checkState(
        start >= 0 && start < timesteps,
        "%s.startIndex returned %s, expected 0 to %s",
        plan.getClass().getName(),
        start,
        timesteps - 1);
    return start;
  }

  /** How often the denoiser is asked. */
  int count() {
    return guidance.steps().size();
  }

  /** Whether the run ends where it starts. */
  boolean isEmpty() {
    return count() == 0;
  }
}
