package io.t2v.internal.autoencoder;

import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.vae.VaeDecoder;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * A linear map from the channels of latents to colors: a rough preview, an eighth of the frames'
 * size, for a millionth of the cost of decoding.
 *
 * <p>The map is fitted to a decoder by least squares, over the decoded images of random latents,
 * from coarse patches to single pixels. Immutable and thread-safe; it holds no native memory.
 */
public final class LatentRgbFactors {
  private static final int SIDE = 16;
  private static final int[] PATCHES = {8, 4, 2, 1};
  private static final int COLORS = 3;
  private static final double RIDGE = 1e-3; // keeps channels without effect solvable

  private final double[][] weights;

  private LatentRgbFactors(double[][] weights) {
    this.weights = weights;
  }

  /** Fits the map to a decoder, which has to decode four small images for it. */
  public static LatentRgbFactors fit(VaeDecoder decoder) {
    int channels = decoder.latentChannels();
    int unknowns = channels + 1;
    double[][] squares = new double[unknowns][unknowns];
    double[][] products = new double[unknowns][COLORS];
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
        double[] color = meanColor(image, pixel, decoder.scaleFactor());
        for (int i = 0; i < unknowns; i++) {
          for (int j = 0; j < unknowns; j++) {
            squares[i][j] += row[i] * row[j];
          }
          for (int c = 0; c < COLORS; c++) {
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

  /** Gaussian noise, constant within squares of patch × patch pixels. */
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

  /** The channels of a pixel, and a 1 for the constant term. */
  private static double[] row(float[] latents, int channels, int pixel, int pixels) {
    double[] row = new double[channels + 1];
    for (int channel = 0; channel < channels; channel++) {
      row[channel] = latents[channel * pixels + pixel];
    }
    row[channels] = 1;
    return row;
  }

  /** The mean color of the part of the image that a pixel of the latents stands for. */
  private static double[] meanColor(float[] image, int pixel, int factor) {
    int width = SIDE * factor;
    int left = pixel % SIDE * factor;
    int top = pixel / SIDE * factor;
    double[] color = new double[COLORS];
    for (int c = 0; c < COLORS; c++) {
      for (int y = top; y < top + factor; y++) {
        for (int x = left; x < left + factor; x++) {
          color[c] += Math.max(-1, Math.min(1, image[(c * width + y) * width + x]));
        }
      }
      color[c] /= factor * factor;
    }
    return color;
  }

  /** Gaussian elimination without pivoting: the ridge makes the matrix positive definite. */
  private static double[][] solve(double[][] matrix, double[][] right) {
    int size = matrix.length;
    for (int column = 0; column < size; column++) {
      for (int row = 0; row < size; row++) {
        if (row != column) {
          double factor = matrix[row][column] / matrix[column][column];
          for (int i = 0; i < size; i++) {
            matrix[row][i] -= factor * matrix[column][i];
          }
          for (int c = 0; c < COLORS; c++) {
            right[row][c] -= factor * right[column][c];
          }
        }
      }
    }
    for (int row = 0; row < size; row++) {
      for (int c = 0; c < COLORS; c++) {
        right[row][c] /= matrix[row][row];
      }
    }
    return right;
  }

  /**
   * Maps latents to colors.
   *
   * @param latents [channels, pixels] of one image, on the denoiser's scale
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
    byte[] rgb = new byte[COLORS * pixels];
    for (int pixel = 0; pixel < pixels; pixel++) {
      double[] row = row(latents, channels, pixel, pixels);
      for (int c = 0; c < COLORS; c++) {
        double value = 0;
        for (int i = 0; i < row.length; i++) {
          value += weights[i][c] * row[i];
        }
        rgb[COLORS * pixel + c] =
            (byte) Math.round(255 * Math.max(0, Math.min(1, value / 2 + 0.5)));
      }
    }
    return rgb;
  }
}
