package io.t2v.internal.unet3d;

import io.t2v.unet.BlockListener;
import org.bytedeco.pytorch.Tensor;

/** One prediction, of inputs that are on the device. */
@FunctionalInterface
interface PredictionStep extends AutoCloseable {
  /**
   * Predicts.
   *
   * @param latents [videos, channels, frames, height, width]
   * @param time embedding of the timestep, [1 or clips, width]
   * @param listener told after each block; may throw to stop
   * @return [clips, channels, frames, height, width], of the innermost open scope
   */
  Tensor predict(Tensor latents, Tensor time, BlockListener listener);

  /** Frees what was prepared. */
  @Override
  default void close() {}
}
