package io.t2v.guidance;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes one prediction of two: what the denoiser says for the prompt, and what it says for the
 * negative prompt. Implement it to plug in your own.
 *
 * <p>Implementations are immutable and safe for use by many threads.
 *
 * @see ClassifierFreeGuidance
 */
public interface Guidance {
  /**
   * Returns the name by which the record of a generation knows this guidance.
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
   * Tells whether a step needs the prediction for the negative prompt. Where it does not, the
   * prediction for the prompt is taken as it is, and the step costs half. Asked before the run,
   * once for each step.
   *
   * @param step where in the run
   * @return false to go without guidance in this step
   */
  boolean appliesTo(GuidanceStep step);

  /**
   * Makes one prediction of two. Called where {@link #appliesTo} said true.
   *
   * @param negative what the denoiser says for the negative prompts, [videos, channels, frames,
   *     height, width]; neither to be closed nor changed
   * @param positive what it says for the prompts, of the same shape; likewise
   * @param step where in the run
   * @return the prediction that the scheduler is to see, of the same shape: a tensor of its own,
   *     which belongs to the caller or to the innermost open scope
   */
  Tensor guide(Tensor negative, Tensor positive, GuidanceStep step);
}
