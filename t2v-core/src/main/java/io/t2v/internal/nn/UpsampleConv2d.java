package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Enlarges an image by repeating pixels, then convolves it with a kernel of 3 × 3. */
public interface UpsampleConv2d {
  /**
   * Takes {@code weight} [channels, channels, 3, 3] and {@code bias} [channels], for images that
   * are doubled in both directions, or to one pixel less than that. On a CPU the large image in
   * between is never made.
   *
   * @param weights of this layer
   * @param channels of input and output
   * @return the layer
   */
  static UpsampleConv2d doubling(Weights weights, long channels) {
    return weights.compute().device().isCpu()
        ? DifferencesUpsample.load(weights, channels)
        : toAnySize(weights, channels);
  }

  /**
   * Takes {@code weight} [channels, channels, 3, 3] and {@code bias} [channels], for images that
   * are brought to any size.
   *
   * @param weights of this layer
   * @param channels of input and output
   * @return the layer
   */
  static UpsampleConv2d toAnySize(Weights weights, long channels) {
    Conv2d conv = Conv2d.load(weights, channels, channels, 3, 1, 1);
    return (x, height, width) -> {
      try (TensorScope scope = TensorScope.open()) {
        return scope.keep(conv.forward(torch.upsample_nearest2d(x, height, width)));
      }
    };
  }

  /**
   * Computes the layer.
   *
   * @param x [batch, channels, height, width]
   * @param outHeight of the result
   * @param outWidth of the result
   * @return [batch, channels, outHeight, outWidth], in channels-last layout
   * @throws IllegalArgumentException if another size is asked for than the layer was made for
   */
  Tensor forward(Tensor x, long outHeight, long outWidth);
}
