package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Nearest-neighbour upsampling, then a 3 × 3 convolution. The reference's Upsample2D. */
public interface UpsampleConv2d {
  /**
   * Loads a layer that doubles height and width, or falls one pixel short of that: {@code weight}
   * [channels, channels, 3, 3] and {@code bias} [channels]. On a CPU it never makes the enlarged
   * image, see {@link DifferenceUpsample}.
   */
  static UpsampleConv2d doubling(Weights weights, long channels) {
    return weights.compute().device().isCpu()
        ? DifferenceUpsample.load(weights, channels)
        : toAnySize(weights, channels);
  }

  /** Loads the same parameters for a layer that enlarges to any size. */
  static UpsampleConv2d toAnySize(Weights weights, long channels) {
    Conv2d conv = Conv2d.load(weights, channels, channels, 3, 1, 1);
    return (x, height, width) -> {
      try (TensorScope scope = TensorScope.open()) {
        return scope.keep(conv.forward(torch.upsample_nearest2d(x, height, width)));
      }
    };
  }

  /**
   * [batch, channels, height, width] to [batch, channels, outHeight, outWidth] in channels-last
   * layout.
   *
   * @throws IllegalArgumentException if a layer that doubles is asked for another size
   */
  Tensor forward(Tensor x, long outHeight, long outWidth);
}
