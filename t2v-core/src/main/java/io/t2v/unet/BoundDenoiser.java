package io.t2v.unet;

import org.bytedeco.pytorch.Tensor;

/**
 * The denoiser, bound to the conditioning of one generation. It holds what depends on the
 * conditioning alone and need not be computed in every step, such as the projected text.
 *
 * <p>Not thread-safe: it may move between threads, but only one may use it at a time.
 */
public interface BoundDenoiser extends AutoCloseable {
  /**
   * Makes one prediction.
   *
   * @param latents [videos, input channels, frames, height, width], float32 on the {@linkplain
   *     Unet3dDenoiser#device denoiser's device}. The number of videos divides the conditioning's
   *     batch: sample i of the batch is predicted from video i mod videos, so that both halves of
   *     guidance see the same latents, and share what does not depend on the text
   * @param timestep on the scale of the training timesteps, usually 0 to 999; need not be an
   *     integer
   * @param listener told after each block; may throw to stop
   * @return [conditioning's batch, output channels, frames, height, width], float32 on the same
   *     device, of the innermost open scope
   * @throws IllegalArgumentException if the latents have another number of dimensions, or their
   *     batch does not divide the conditioning's
   */
  Tensor predict(Tensor latents, double timestep, BlockListener listener);

  /**
   * Makes one prediction, with deep features of an earlier one where the cache holds some. Where it
   * is empty, computes everything and leaves its deep features in the cache; the prediction is then
   * the same, bit for bit, as without a cache.
   *
   * @param latents as for {@link #predict(Tensor, double, BlockListener)}; of the shape of those
   *     that the features come from
   * @param timestep on the scale of the training timesteps
   * @param cache of the same latents, of a depth below the denoiser's {@link
   *     Unet3dDenoiser#cacheDepths}
   * @param listener told after each block; may throw to stop
   * @return as {@link #predict(Tensor, double, BlockListener)} does
   * @throws UnsupportedOperationException if this denoiser caches no features, which is the default
   * @throws IllegalArgumentException if the cached features do not fit the latents
   */
  default Tensor predict(
      Tensor latents, double timestep, FeatureCache cache, BlockListener listener) {
    throw new UnsupportedOperationException(getClass().getName() + " caches no features");
  }

  /** Frees what was computed for the conditioning. */
  @Override
  void close();
}
