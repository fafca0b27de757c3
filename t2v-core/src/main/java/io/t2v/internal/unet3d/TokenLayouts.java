package io.t2v.internal.unet3d;

import org.bytedeco.pytorch.Tensor;

/**
 * The layouts in which layers see the same features. All are views of one channels-last buffer:
 * none copies as long as its input is in that layout.
 */
final class TokenLayouts {
  private TokenLayouts() {}

  /** [n, channels, height, width] as tokens [n, height × width, channels]. */
  static Tensor tokens(Tensor x) {
    return x.permute(0, 2, 3, 1).reshape(x.size(0), x.size(2) * x.size(3), x.size(1));
  }

  /** Tokens [n, height × width, channels] as [n, channels, height, width]. */
  static Tensor image(Tensor tokens, long height, long width) {
    return tokens.reshape(tokens.size(0), height, width, tokens.size(2)).permute(0, 3, 1, 2);
  }

  /** [samples × frames, channels, height, width] as [samples, channels, frames, height × width]. */
  static Tensor frameColumns(Tensor x, long frames) {
    return x.permute(0, 2, 3, 1)
        .reshape(x.size(0) / frames, frames, x.size(2) * x.size(3), x.size(1))
        .permute(0, 3, 1, 2);
  }

  /** [samples, channels, frames, height × width] as [samples × frames, channels, height, width]. */
  static Tensor images(Tensor columns, long height, long width) {
    return columns
        .permute(0, 2, 3, 1)
        .reshape(columns.size(0) * columns.size(2), height, width, columns.size(1))
        .permute(0, 3, 1, 2);
  }
}
