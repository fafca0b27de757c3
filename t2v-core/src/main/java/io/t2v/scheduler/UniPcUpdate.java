package io.t2v.scheduler;

/**
 * One half of a step of UniPC as a weighted sum.
 *
 * @param ofLatents weight of the latents at the start
 * @param ofOutputs weights of the output at the end, unless it is not known yet, of the one at the
 *     start, and of earlier ones, newest first; the first is 0 where it is not known
 */
record UniPcUpdate(double ofLatents, double[] ofOutputs) {
  /**
   * Adds the outputs.
   *
   * @param sum what they are added to
   * @param outputs the run's outputs
   * @param newest age of the output at the end of the step, -1 where it is not known yet
   * @return the sum
   */
  Sum applied(Sum sum, TensorHistory outputs, int newest) {
    Sum next = sum;
    for (int i = newest < 0 ? 1 : 0; i < ofOutputs.length; i++) {
      next = next.plus(ofOutputs[i], outputs.get(newest + i));
    }
    return next;
  }
}
