package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/** A source of standard Gaussian noise that continues the random numbers of one generation. */
@FunctionalInterface
public interface Noise {
  /**
   * Draws noise in the shape, number type and place of another tensor.
   *
   * @param like gives shape, number type and device; its values do not matter
   * @return new noise, which the caller closes
   */
  Tensor gaussianLike(Tensor like);
}
