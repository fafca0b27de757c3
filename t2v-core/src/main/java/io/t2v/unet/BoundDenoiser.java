package io.t2v.unet;

import org.bytedeco.pytorch.Tensor;

/** A denoiser that knows what to generate. Used by one thread at a time. */
public interface BoundDenoiser extends AutoCloseable {
  /**
   * Asks the model once.
   *
   * @param latents [batch, channels, frames, height, width], float32 on the {@linkplain
   *     Unet3dDenoiser#device denoiser's device}; the batch may be a fraction of the
   *     conditioning's, in which case the latents are meant to be repeated to fill it: both halves
   *     of guidance see the same latents, and what they share is computed once
   * @param timestep on the scale of the training timesteps
   * @param listener told after each block; may throw to stop
   * @return [conditioning's batch, channels, frames, height, width], float32 on the same device, of
   *     the innermost open scope
   */
  Tensor predict(Tensor latents, double timestep, BlockListener listener);

  /** Frees what was prepared. */
  @Override
  void close();
}
