package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What one run asks of a scheduler.
 *
 * @param steps number of denoising steps, at least 1
 * @param eta share of fresh noise in each DDIM step, from 0 (deterministic) to 1; schedulers that
 *     know no eta ignore it, as in the reference
 */
public record PlanRequest(int steps, double eta) {
  /**
   * Checks the values.
   *
   * @param steps number of denoising steps, at least 1
   * @param eta share of fresh noise in each DDIM step, from 0 to 1
   * @throws IllegalArgumentException if steps is below 1, or eta outside [0, 1]
   */
  public PlanRequest {
    checkArgument(steps >= 1, "steps is %s, expected at least 1", steps);
    checkArgument(eta >= 0 && eta <= 1, "eta is %s, expected 0 to 1", eta);
  }

  /**
   * Asks for a number of steps with everything else at its default.
   *
   * @param steps number of denoising steps, at least 1
   * @return a request with eta 0
   * @throws IllegalArgumentException if steps is below 1
   */
  public static PlanRequest ofSteps(int steps) {
    return new PlanRequest(steps, 0);
  }
}
