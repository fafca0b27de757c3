package io.t2v.internal.unet3d;

import io.t2v.unet.BlockListener;
import org.bytedeco.pytorch.Tensor;

/** Calls the network, bound to a text, with inputs that are on its device already. */
@FunctionalInterface
interface Predictor extends AutoCloseable {
  /**
   * Predicts once.
   *
   * @param latents [videos, channels, frames, height, width]
   * @param time embedding of the timestep, [1 or samples, width]
   * @param listener told after each block; may throw to stop
   * @return [samples, channels, frames, height, width], of the innermost open scope
   */
  Tensor predict(Tensor latents, Tensor time, BlockListener listener);

  @Override
  default void close() {}
}
