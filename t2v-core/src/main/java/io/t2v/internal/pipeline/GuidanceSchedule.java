package io.t2v.internal.pipeline;

import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceStep;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which steps of a run ask the denoiser for the negative prompt as well.
 *
 * @param guidance what decides
 * @param steps every step
 * @param guided for each step, whether it does
 */
public record GuidanceSchedule(Guidance guidance, List<GuidanceStep> steps, List<Boolean> guided) {
  public static GuidanceSchedule of(Guidance guidance, double[] timesteps) {
    List<GuidanceStep> steps =
        IntStream.range(0, timesteps.length)
            .mapToObj(i -> new GuidanceStep(i, timesteps.length, timesteps[i]))
            .toList();
    return new GuidanceSchedule(guidance, steps, steps.stream().map(guidance::appliesTo).toList());
  }

  public boolean any() {
    return guided.contains(true);
  }

  public boolean all() {
    return !guided.contains(false);
  }

  /** The work of each step: one clip, or two. */
  public List<Integer> clips() {
    return guided.stream().map(both -> both ? 2 : 1).toList();
  }
}
