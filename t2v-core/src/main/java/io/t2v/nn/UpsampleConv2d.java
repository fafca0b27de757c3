package io.t2v.nn;

import io.t2v.checkpoint.Weights;
import io.t2v.torch.TensorScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Doubles height and width by repeating pixels, then convolves with a kernel of 3 × 3.
 *
 * <p>Of the repeated pixels that the kernel covers, only 2 × 2 differ. So each of the four kinds of
 * output pixels (in even or odd rows and columns) is a convolution of the small image, with a
 * kernel of 2 × 2 that holds sums of the weights: the same result up to rounding, for 4/9 of the
 * work, and without the large image in between.
 */
public final class UpsampleConv2d {
  private static final int PHASES = 2;

  /** By row, then by column. */
  private final Conv2d[] phases;

  private UpsampleConv2d(Conv2d[] phases) {
    this.phases = phases;
  }

  /**
   * Takes {@code weight} [channels, channels, 3, 3] and {@code bias} [channels].
   *
   * @param weights of this layer
   * @param channels of input and output
   * @return the layer
   */
  public static UpsampleConv2d load(Weights weights, long channels) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor kernel = weights.raw("weight", channels, channels, 3, 3);
      Tensor bias = weights.raw("bias", channels);
      Conv2d[] phases = new Conv2d[PHASES * PHASES];
      for (int row = 0; row < PHASES; row++) {
        for (int column = 0; column < PHASES; column++) {
          phases[PHASES * row + column] =
              Conv2d.of(
                  weights,
                  fold(fold(kernel, 2, row), 3, column),
                  bias,
                  new long[] {1, 1},
                  new long[] {1, 1});
        }
      }
      return new UpsampleConv2d(phases);
    }
  }

  /**
   * Adds up the weights that meet the same pixel: the last two at even places, else the first two.
   */
  private static Tensor fold(Tensor kernel, long dimension, int phase) {
    Tensor first = kernel.narrow(dimension, 0, 1);
    Tensor middle = kernel.narrow(dimension, 1, 1);
    Tensor last = kernel.narrow(dimension, 2, 1);
    return phase == 0
        ? torch.cat(new TensorVector(first, middle.add(last)), dimension)
        : torch.cat(new TensorVector(first.add(middle), last), dimension);
  }

  /**
   * Computes the layer.
   *
   * @param x [batch, channels, height, width]
   * @return [batch, channels, 2 · height, 2 · width], in channels-last layout
   */
  public Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      long batch = x.size(0);
      long channels = x.size(1);
      long height = x.size(2);
      long width = x.size(3);
      Tensor out =
          torch.empty(
              new long[] {batch, channels, PHASES * height, PHASES * width},
              x.options(),
              new MemoryFormatOptional(MemoryFormat.ChannelsLast));
      Tensor cells = out.permute(0, 2, 3, 1).view(batch, height, PHASES, width, PHASES, channels);
      Tensor input = x.contiguous(MemoryFormat.ChannelsLast);
      for (int row = 0; row < PHASES; row++) {
        for (int column = 0; column < PHASES; column++) {
          try (TensorScope phaseScope = TensorScope.open()) {
            Tensor phase = phases[PHASES * row + column].forward(input);
            cells
                .select(4, column)
                .select(2, row)
                .copy_(phase.narrow(2, row, height).narrow(3, column, width).permute(0, 2, 3, 1));
          }
        }
      }
      return scope.keep(out);
    }
  }
}
