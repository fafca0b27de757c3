package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/** One half of a step of UniPC as a weighted sum. */
final class UniPcUpdate {
  private final double ofLatents;
  private final double[] ofOutputs;

  /**
   * Makes the sum.
   *
   * @param ofLatents weight of the latents at the start
   * @param ofOutputs weights of the output at the end of the step, of the one at its start, and of
   *     earlier ones, newest first; the first is 0 where the output at the end is not known yet
   */
  UniPcUpdate(double ofLatents, double... ofOutputs) {
    this.ofLatents = ofLatents;
    this.ofOutputs = ofOutputs;
  }

  /**
   * Forms the sum.
   *
   * @param latents the latents at the start
   * @param outputs the run's outputs
   * @param newest age of the output at the end of the step, -1 where it is not known yet
   * @return the latents at the end
   */
  Tensor applied(Tensor latents, TensorHistory outputs, int newest) {
    LinearCombination next = LinearCombination.of(ofLatents, latents);
    for (int i = newest < 0 ? 1 : 0; i < ofOutputs.length; i++) {
      next = next.plus(ofOutputs[i], outputs.get(newest + i));
    }
    return next.tensor();
  }
}
