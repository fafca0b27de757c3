package io.t2v.internal.unet3d;

import io.t2v.internal.torch.TensorScope;
import io.t2v.unet.FreeU;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * FreeU between two layers of the up path. The reference's apply_freeu.
 *
 * <p>The reference filters skip connections by a Fourier transform, of which it scales the indices
 * -1 and 0 in both directions. These are four waves, so that the transform is not needed: the part
 * of an image that they make up is its projection on the cosines and sines of these waves, two
 * products of small matrices for all channels at once. It is computed in float32, as there.
 *
 * @see FreeU
 */
final class FreeUScaling {
  private FreeUScaling() {}

  /**
   * Scales what a layer of the up path joins, if FreeU is on and concerns its block.
   *
   * @param upBlock index from the innermost one
   * @param hidden [n, channels, height, width], scaled in place
   * @param skip [n, channels, height, width], closed if another tensor is returned
   * @return the filtered skip connection
   */
  static Tensor scale(ForwardContext context, int upBlock, Tensor hidden, Tensor skip) {
    if (upBlock > 1 || context.adjustments().freeU().isEmpty()) {
      return skip;
    }
    FreeU freeU = context.adjustments().freeU().get();
    hidden
        .narrow(1, 0, hidden.size(1) / 2)
        .mul_(new Scalar(upBlock == 0 ? freeU.b1() : freeU.b2()));
    Tensor filtered = scaleLowFrequencies(skip, upBlock == 0 ? freeU.s1() : freeU.s2());
    skip.close();
    return filtered;
  }

  /**
   * Multiplies the waves of the indices -1 and 0, in height and in width, by a factor. The
   * reference's fourier_filter with a threshold of 1.
   *
   * @param x [n, channels, height, width]
   * @return a new tensor of this shape, dtype and memory format
   */
  static Tensor scaleLowFrequencies(Tensor x, double factor) {
    long pixels = x.size(2) * x.size(3);
    try (TensorScope scope = TensorScope.open()) {
      Tensor tokens = TokenLayouts.tokens(x).to(ScalarType.Float);
      Tensor waves = waves(x.size(2), x.size(3), tokens.options());
      Tensor amounts = waves.matmul(tokens).mul_(new Scalar((factor - 1) / pixels));
      Tensor filtered = tokens.add(waves.t().matmul(amounts));
      return scope.keep(TokenLayouts.image(filtered.to(x.scalar_type()), x.size(2), x.size(3)));
    }
  }

  /** The cosine and the sine of each wave, [waves, height × width]; computed on the device. */
  private static Tensor waves(long height, long width, TensorOptions options) {
    Tensor angles =
        outerSum(angles(height, options), angles(width, options)).reshape(-1, height * width);
    return torch.cat(new TensorVector(angles.cos(), angles.sin()), 0);
  }

  /** 0, and once around the circle along one edge, unless this is a single pixel: [1 or 2, n]. */
  private static Tensor angles(long pixels, TensorOptions options) {
    Tensor around =
        torch
            .arange(new Scalar(pixels), options)
            .mul_(new Scalar(2 * Math.PI / pixels))
            .view(1, -1);
    return pixels == 1 ? around : torch.cat(new TensorVector(torch.zeros_like(around), around), 0);
  }

  /** [a, height] and [b, width] to [a, b, height, width]. */
  private static Tensor outerSum(Tensor rows, Tensor columns) {
    return rows.view(rows.size(0), 1, rows.size(1), 1).add(columns.view(1, columns.size(0), 1, -1));
  }
}
