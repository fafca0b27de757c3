package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * What one run asks of a scheduler.
 *
 * @param steps number of denoising steps, at least 1
 * @param eta share of fresh noise in each DDIM step, from 0 (deterministic) to 1; schedulers that
 *     know no eta ignore it, as in the reference
 * @param timesteps timesteps to visit, from noisy to clean; empty to let the scheduler choose
 * @param sigmas noise levels to visit, from noisy to clean, and as the last one the level at which
 *     the run ends, usually 0; empty to let the scheduler choose
 */
public record PlanRequest(int steps, double eta, List<Double> timesteps, List<Double> sigmas) {
  /**
   * Checks and copies the values.
   *
   * @throws IllegalArgumentException if steps is below 1, eta outside [0, 1], both timesteps and
   *     sigmas are given, timesteps are not as many as steps, or sigmas are not one more
   */
  public PlanRequest {
    checkArgument(steps >= 1, "steps is %s, expected at least 1", steps);
    checkArgument(eta >= 0 && eta <= 1, "eta is %s, expected 0 to 1", eta);
    timesteps = List.copyOf(timesteps);
    sigmas = List.copyOf(sigmas);
    checkArgument(
        timesteps.isEmpty() || sigmas.isEmpty(), "timesteps and sigmas are given, expected one");
    checkArgument(
        timesteps.isEmpty() || timesteps.size() == steps,
        "timesteps has %s entries, but steps is %s",
        timesteps.size(),
        steps);
    checkArgument(
        sigmas.isEmpty() || sigmas.size() == steps + 1,
        "sigmas has %s entries, expected one for each of %s steps and one for the end",
        sigmas.size(),
        steps);
  }

  /**
   * Asks for a number of steps at places of the scheduler's own choice.
   *
   * @param steps number of denoising steps, at least 1
   * @param eta share of fresh noise, 0 to 1
   * @throws IllegalArgumentException if steps is below 1, or eta outside [0, 1]
   */
  public PlanRequest(int steps, double eta) {
    this(steps, eta, List.of(), List.of());
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

  /**
   * Asks for custom timesteps. Only some schedulers take them; the others refuse.
   *
   * @param timesteps from noisy to clean, at least one
   * @return a request with eta 0
   * @throws IllegalArgumentException if there is none
   */
  public static PlanRequest ofTimesteps(List<Double> timesteps) {
    return new PlanRequest(timesteps.size(), 0, timesteps, List.of());
  }

  /**
   * Asks for custom noise levels. Only some schedulers take them; the others refuse.
   *
   * @param sigmas from noisy to clean, at least two: the last is the level at which the run ends
   * @return a request with eta 0
   * @throws IllegalArgumentException if there are less than two
   */
  public static PlanRequest ofSigmas(List<Double> sigmas) {
    checkArgument(sigmas.size() >= 2, "sigmas is %s, expected at least 2", sigmas);
    return new PlanRequest(sigmas.size() - 1, 0, List.of(), sigmas);
  }
}
