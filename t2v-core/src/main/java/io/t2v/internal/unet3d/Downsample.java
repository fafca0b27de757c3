package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Halves height and width by a convolution of stride 2. The reference's Downsample2D. */
final class Downsample {
  private final Conv2d conv;
  private final boolean padFarEdges;

  /** padding: 0 means one row and one column of zeros at the bottom and at the right alone. */
  Downsample(Weights weights, long channels, int padding) {
    conv = Conv2d.load(weights.at("conv"), channels, channels, 3, 2, padding);
    padFarEdges = padding == 0;
  }

  Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(conv.forward(padFarEdges ? torch.constant_pad_nd(x, 0, 1, 0, 1) : x));
    }
  }
}
