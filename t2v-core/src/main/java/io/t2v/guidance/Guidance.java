package io.t2v.guidance;

import java.util.Map;

/**
 * Makes one prediction of two: the denoiser's for the prompt, and its one for the negative prompt.
 * Implement it to plug in your own.
 *
 * <p>A guidance is configuration only: immutable, free of native memory, safe for use by many
 * threads. What a run needs to remember from step to step, such as a momentum, lives in the {@link
 * GuidanceRun} that it starts for that run. A guidance without a memory returns a lambda:
 *
 * <pre>{@code
 * public GuidanceRun newRun() {
 *   return (negative, positive, step) ->
 *       GuidanceRun.scoped(() -> negative.add(positive.sub(negative), new Scalar(scale)));
 * }
 * }</pre>
 *
 * @see ClassifierFreeGuidance
 */
public interface Guidance {
  /**
   * Returns the name under which the record of a generation lists this guidance.
   *
   * @return a non-blank name
   */
  String name();

  /**
   * Returns the settings, for the record of a generation.
   *
   * @return name to value: strings, booleans, numbers, or lists of them
   */
  Map<String, Object> config();

  /**
   * Returns whether a step needs the prediction for the negative prompt. Without it, the prediction
   * for the prompt is taken as it is, and the step takes half the time. Called before the run, once
   * for each step; by default all are guided.
   *
   * @param step where in the run
   * @return false for no guidance in this step
   */
  default boolean appliesTo(GuidanceStep step) {
    return true;
  }

  /**
   * Starts one run. Cheap, and without side effects on this object.
   *
   * @return the state of this run, which the caller closes
   */
  GuidanceRun newRun();
}
