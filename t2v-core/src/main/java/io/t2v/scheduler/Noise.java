package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * Standard Gaussian noise of one generation, which continues the random numbers of its seed.
 *
 * <p>A batch of videos has one sequence of random numbers for each video, so that a video comes out
 * the same alone and in a batch.
 */
@FunctionalInterface
public interface Noise {
  /**
   * Draws noise in the shape, dtype and device of another tensor. Each video's part of the first
   * dimension is drawn from the random numbers of that video.
   *
   * @param like gives shape, dtype and device, its values do not matter; the first dimension is a
   *     multiple of {@link #videos()}
   * @return a new tensor, which the caller closes
   */
  Tensor randnLike(Tensor like);

  /**
   * Returns the number of videos in the batch. Latents hold the frames of the first video, then
   * those of the second, and so on.
   *
   * @return at least 1, by default 1
   */
  default int videos() {
    return 1;
  }
}
