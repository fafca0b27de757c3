package io.t2v.internal.unet3d;

import io.t2v.unet.BlockListener;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** As {@link Predictor}, for any text: the network without a generation's conditioning. */
@FunctionalInterface
interface TextPredictor {
  /**
   * Predicts once.
   *
   * @param text projected, for each layer that attends to it
   */
  Tensor predict(Tensor latents, Tensor time, List<Tensor> text, BlockListener listener);
}
