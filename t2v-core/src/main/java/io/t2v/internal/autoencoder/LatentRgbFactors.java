package io.t2v.internal.autoencoder;

import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.vae.VaeDecoder;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * What color a pixel of the latents stands for, as a linear function of its channels: a rough
 * picture, an eighth of the size, for a millionth of what decoding costs.
 *
 * <p>The function is fitted to a decoder, whichever it is: random latents, from coarse patches to
 * single pixels, are decoded once, and least squares find the map that comes nearest. Immutable,
 * safe for use by many threads, without native memory.
 */
public final class LatentRgbFactors {
  private static final int SIDE = 16;
  private static final int[] PATCHES = {8, 4, 2, 1};
  private static final int COLOURS = 3;
  private static final double RIDGE = 1e-3; // for channels that the decoder does not look at

  private final double[][] weights;

  private LatentRgbFactors(double[][] weights) {
    this.weights = weights;
  }

  /**
   * Fits the map to a decoder; four small images are decoded.
   *
   * @param decoder any
   * @return its map
   */
  public static LatentRgbFactors fit(VaeDecoder decoder) {
    int channels = decoder.latentChannels();
    int unknowns = channels + 1;
    double[][] squares = new double[unknowns][unknowns];
    double[][] products = new double[unknowns][COLOURS];
    SplittableRandom random = new SplittableRandom(0);
    for (int patch : PATCHES) {
      float[] latents = patches(channels, patch, random);
      float[] image;
      try (TensorScope scope = TensorScope.open()) {
        Tensor decoded = decoder.decode(HostTensors.of(latents, 1, channels, SIDE, SIDE));
        image = HostTensors.toFloats(decoded);
      }
      for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
        double[] row = row(latents, channels, pixel, SIDE * SIDE);
        double[] color = meanColour(image, pixel, decoder.scaleFactor());
        for (int i = 0; i < unknowns; i++) {
          for (int j = 0; j < unknowns; j++) {
            squares[i][j] += row[i] * row[j];
          }
          for (int c = 0; c < COLOURS; c++) {
            products[i][c] += row[i] * color[c];
          }
        }
      }
    }
    for (int i = 0; i < unknowns; i++) {
      squares[i][i] += RIDGE;
    }
    return new LatentRgbFactors(solve(squares, products));
  }

  /** Gaussian noise that is the same in squares of so many pixels. */
  private static float[] patches(int channels, int patch, SplittableRandom random) {
    int cells = SIDE / patch;
    float[] latents = new float[channels * SIDE * SIDE];
    for (int channel = 0; channel < channels; channel++) {
      float[] coarse = new float[cells * cells];
      for (int i = 0; i < coarse.length; i++) {
        coarse[i] = (float) random.nextGaussian();
      }
      for (int i = 0; i < SIDE * SIDE; i++) {
        int cell = i / SIDE / patch * cells + i % SIDE / patch;
        latents[channel * SIDE * SIDE + i] = coarse[cell];
      }
    }
    return latents;
  }

  /** The channels of a pixel, and a one for the constant. */
  private static double[] row(float[] latents, int channels, int pixel, int pixels) {
    double[] row = new double[channels + 1];
    for (int channel = 0; channel < channels; channel++) {
      row[channel] = latents[channel * pixels + pixel];
    }
    row[channels] = 1;
    return row;
  }

  /** The mean of the pixels of the image that a pixel of the latents became. */
  private static double[] meanColour(float[] image, int pixel, int factor) {
    int width = SIDE * factor;
    int left = pixel % SIDE * factor;
    int top = pixel / SIDE * factor;
    double[] color = new double[COLOURS];
    for (int c = 0; c < COLOURS; c++) {
      for (int y = top; y < top + factor; y++) {
        for (int x = left; x < left + factor; x++) {
          color[c] += Math.max(-1, Math.min(1, image[(c * width + y) * width + x]));
        }
      }
      color[c] /= factor * factor;
    }
    return color;
  }

  /** Gauss's elimination; the ridge keeps the matrix away from singular ones. */
  private static double[][] solve(double[][] matrix, double[][] right) {
    int size = matrix.length;
    for (int column = 0; column < size; column++) {
      for (int row = 0; row < size; row++) {
        if (row != column) {
          double factor = matrix[row][column] / matrix[column][column];
          for (int i = 0; i < size; i++) {
            matrix[row][i] -= factor * matrix[column][i];
          }
          for (int c = 0; c < COLOURS; c++) {
            right[row][c] -= factor * right[column][c];
          }
        }
      }
    }
    for (int row = 0; row < size; row++) {
      for (int c = 0; c < COLOURS; c++) {
        right[row][c] /= matrix[row][row];
      }
    }
    return right;
  }

  /**
   * Paints latents.
   *
   * @param latents one image, row by row: [channels, pixels], as the denoiser knows them
   * @param pixels height × width
   * @return packed RGB, {@code pixels × 3} bytes
   * @throws IllegalArgumentException if the number of values does not fit
   */
  public byte[] paint(float[] latents, int pixels) {
    int channels = weights.length - 1;
    if (latents.length != channels * pixels) {
      throw new IllegalArgumentException(
          "latents have " + latents.length + " values, expected " + channels + " × " + pixels);
    }
    byte[] rgb = new byte[COLOURS * pixels];
    for (int pixel = 0; pixel < pixels; pixel++) {
      double[] row = row(latents, channels, pixel, pixels);
      for (int c = 0; c < COLOURS; c++) {
        double value = 0;
        for (int i = 0; i < row.length; i++) {
          value += weights[i][c] * row[i];
        }
        rgb[COLOURS * pixel + c] =
            (byte) Math.round(255 * Math.max(0, Math.min(1, value / 2 + 0.5)));
      }
    }
    return rgb;
  }
}
