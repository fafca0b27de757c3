package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * Places the steps of a short run where they lose least: at noise levels that were optimised for
 * Stable Diffusion 1.5, by a bound on the distance between what a run gives and what the continuous
 * process would. Ten levels were published; other numbers of steps interpolate between them in the
 * logarithm, as their authors do.
 *
 * <p>ModelScope's model has the same noise schedule. The levels are turned into the timesteps of
 * whatever schedule a scheduler has.
 *
 * @see <a href="https://arxiv.org/abs/2404.14507">Sabour et al., Align Your Steps: Optimizing
 *     Sampling Schedules in Diffusion Models</a>
 * @see <a href="https://research.nvidia.com/labs/toronto-ai/AlignYourSteps/howto.html">The
 *     published levels</a>
 */
public final class AlignYourSteps {
  /** Of ten steps, and the one that the last of them leads to. */
  private static final double[] LEVELS = {
    14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029
  };

  private AlignYourSteps() {}

  /**
   * Places the steps of a run.
   *
   * @param schedule of the model
   * @param steps how many, at least 1
   * @return trained timesteps, falling
   * @throws IllegalArgumentException if steps is below 1, or above the number of trained timesteps
   */
  public static List<Double> timesteps(NoiseSchedule schedule, int steps) {
    checkArgument(
        steps >= 1 && steps <= schedule.timesteps(),
        "steps is %s, expected 1 to %s",
        steps,
        schedule.timesteps());
    List<Double> timesteps = new ArrayList<>();
    double before = schedule.timesteps();
    for (int i = 0; i < steps; i++) {
      double nearest = Math.rint(schedule.timestepOf(level((double) i / steps)));
      // Many steps crowd at the clean end, where each of those to come needs a timestep.
      double timestep = Math.max(Math.min(nearest, before - 1), steps - 1 - i);
      timesteps.add(timestep);
      before = timestep;
    }
    return timesteps;
  }

  /** at: from 0 for the first level to 1 for the last. */
  private static double level(double at) {
    double position = at * (LEVELS.length - 1);
    int below = Math.min((int) position, LEVELS.length - 2);
    double share = position - below;
    return Math.exp((1 - share) * Math.log(LEVELS[below]) + share * Math.log(LEVELS[below + 1]));
  }
}
