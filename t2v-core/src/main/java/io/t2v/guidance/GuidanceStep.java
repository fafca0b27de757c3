package io.t2v.guidance;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A place in a run at which the denoiser is called. A solver that calls it twice in a step has two
 * of them for it.
 *
 * @param index from 0, in the order of the run
 * @param count how many there are in the run, more than {@code index}
 * @param timestep on the scale of the training timesteps, falling from step to step
 */
public record GuidanceStep(int index, int count, double timestep) {
  /**
   * Checks the place.
   *
   * @throws IllegalArgumentException if the index is not one of {@code count}
   */
  public GuidanceStep {
    checkArgument(index >= 0 && index < count, "index is %s, expected 0 to %s", index, count - 1);
  }
}
