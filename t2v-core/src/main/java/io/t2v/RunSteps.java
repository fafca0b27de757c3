package io.t2v;

import static com.google.common.base.Preconditions.checkState;

import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.Guidance;
import io.t2v.internal.pipeline.GuidanceSchedule;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.internal.pipeline.Shortcuts;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The steps of a plan that a run makes: all of them, or, from a video, the last ones.
 *
 * @param plan of the whole way from noise to a video
 * @param start index of the first timestep that the run visits; the number of timesteps for none
 * @param guidance of the visited timesteps, counted from the start
 */
record RunSteps(SamplingPlan plan, int start, GuidanceSchedule guidance) {
  /** Plans the whole way from noise to a video; the caller closes it. */
  static SamplingPlan plan(GenerationRequest request, Scheduler scheduler) {
    List<Double> timesteps =
        request.acceleration().alignSteps()
            ? scheduler.alignedTimesteps(request.steps())
            : List.of();
    return scheduler.plan(new PlanRequest(request.steps(), request.eta(), timesteps, List.of()));
  }

  /**
   * Finds the steps of a request.
   *
   * @throws IllegalArgumentException if the scheduler cannot start in the middle
   */
  static RunSteps of(GenerationRequest request, PipelineComponents components, SamplingPlan plan) {
    Guidance guidance =
        components.embedsGuidance() ? ClassifierFreeGuidance.ofScale(1) : request.guidance();
    double[] timesteps = plan.timesteps();
    int start = start(request, plan, timesteps.length);
    return new RunSteps(
        plan,
        start,
        GuidanceSchedule.of(guidance, Arrays.copyOfRange(timesteps, start, timesteps.length)));
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

  /**
   * What each step computes of a video, in whole predictions for one clip.
   *
   * @param withCache share of a step that reuses features
   */
  List<Double> work(Shortcuts shortcuts, double withCache) {
    List<Integer> clips = guidance.clips();
    return IntStream.range(0, clips.size())
        .mapToObj(i -> clips.get(i) * (shortcuts.isWhole(i) ? 1 : withCache))
        .toList();
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
