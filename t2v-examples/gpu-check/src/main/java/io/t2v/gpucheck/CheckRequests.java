package io.t2v.gpucheck;

import io.t2v.GenerationRequest;
import java.util.Optional;

/**
 * What is generated of a model.
 *
 * @param parity compared number by number, on the CPU as well
 * @param standard of which memory and times are measured
 * @param longest of which memory is measured
 * @param unheld why bars of memory and time do not apply; empty if they do
 */
public record CheckRequests(
    GenerationRequest parity,
    GenerationRequest standard,
    GenerationRequest longest,
    Optional<String> unheld) {
  private static final int SIDE = 256;
  private static final int FRAMES = 16;
  private static final int STEPS = 25;
  private static final int LONGEST = 64;
  private static final int FEW_FRAMES = 4;
  private static final int FEW_STEPS = 2;

  /**
   * The bars' own workload: 16 frames of 256 × 256, 25 steps; 64 frames; few frames and steps for
   * comparisons with the CPU.
   *
   * @param prompt with all other settings at their defaults
   * @return the workload
   */
  public static CheckRequests ofTheBars(GenerationRequest prompt) {
    GenerationRequest standard =
        prompt.toBuilder().size(SIDE, SIDE).frames(FRAMES).steps(STEPS).build();
    return new CheckRequests(
        standard.toBuilder().frames(FEW_FRAMES).steps(FEW_STEPS).build(),
        standard,
        standard.toBuilder().frames(LONGEST).build(),
        Optional.empty());
  }

  /**
   * The same request for everything.
   *
   * @param request of any model
   * @param unheld why bars of memory and time do not apply
   * @return the workload
   */
  public static CheckRequests of(GenerationRequest request, String unheld) {
    return new CheckRequests(request, request, request, Optional.of(unheld));
  }

  /** Two steps take as much memory as any number of them. */
  static GenerationRequest withFewSteps(GenerationRequest request) {
    return request.steps() <= FEW_STEPS ? request : request.toBuilder().steps(FEW_STEPS).build();
  }
}
