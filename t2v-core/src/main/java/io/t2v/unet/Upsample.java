package io.t2v.unet;

import io.t2v.checkpoint.Weights;
import io.t2v.nn.Conv2d;
import io.t2v.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Enlarges by repeating pixels, then a convolution. The reference's Upsample2D. */
final class Upsample {
  private final Conv2d conv;

  Upsample(Weights weights, long channels) {
    conv = Conv2d.load(weights.at("conv"), channels, channels, 3, 1, 1);
  }

  /** [n, channels, ...] to [n, channels, height, width]. */
  Tensor forward(Tensor x, long height, long width) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(conv.forward(torch.upsample_nearest2d(x, height, width)));
    }
  }
}
