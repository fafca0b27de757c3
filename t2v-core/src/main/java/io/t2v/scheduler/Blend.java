package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * A weighted sum of the latents and the model's output. Most of what a solver computes is one, so
 * that sums of sums are formed here, in numbers, before a tensor is touched.
 *
 * @param ofLatents weight of the latents
 * @param ofModel weight of the model's output
 */
record Blend(double ofLatents, double ofModel) {
  /** The latents themselves. */
  static final Blend LATENTS = new Blend(1, 0);

  /** The model's output itself. */
  static final Blend MODEL = new Blend(0, 1);

  Blend times(double factor) {
    return new Blend(factor * ofLatents, factor * ofModel);
  }

  Blend minus(Blend other) {
    return plus(other.times(-1));
  }

  Blend plus(Blend other) {
    return new Blend(ofLatents + other.ofLatents, ofModel + other.ofModel);
  }

  /**
   * Forms the sum.
   *
   * @param latents the latents
   * @param model the model's output
   * @return a sum to which more can be added
   */
  Sum of(Tensor latents, Tensor model) {
    if (ofLatents == 0) {
      return Sum.of(ofModel, model);
    }
    return Sum.of(ofLatents, latents).plus(ofModel, model);
  }
}
