package io.t2v.unet;

import io.t2v.checkpoint.Weights;
import io.t2v.nn.Conv2d;
import io.t2v.nn.UpsampleConv2d;
import io.t2v.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Enlarges by repeating pixels, then a convolution. The reference's Upsample2D. */
interface Upsample {
  /**
   * Chooses how to enlarge.
   *
   * @param downsamplePadding of the convolutions on the way in; with 1, the size that is asked for
   *     is always twice the size at hand, or one less
   */
  static Upsample load(Weights weights, long channels, int downsamplePadding) {
    if (downsamplePadding == 1) {
      return UpsampleConv2d.load(weights.at("conv"), channels)::forward;
    }
    Conv2d conv = Conv2d.load(weights.at("conv"), channels, channels, 3, 1, 1);
    return (x, height, width) -> {
      try (TensorScope scope = TensorScope.open()) {
        return scope.keep(conv.forward(torch.upsample_nearest2d(x, height, width)));
      }
    };
  }

  /** [n, channels, ...] to [n, channels, height, width]. */
  Tensor forward(Tensor x, long height, long width);
}
