package io.t2v;

import io.t2v.internal.torch.HostTensors;
import java.awt.image.BufferedImage;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The part of a frame that is free although the frame is held: a mask, white where it is free. */
final class FreeArea {
  private static final int CHANNELS = 3;
  private static final int WHITE = 255;

  private final int width;
  private final int height;

  /** Sum of red, green and blue, row by row. */
  private final short[] brightness;

  private final String hash;

  private FreeArea(int width, int height, short[] brightness, String hash) {
    this.width = width;
    this.height = height;
    this.brightness = brightness;
    this.hash = hash;
  }

  /**
   * Copies a mask.
   *
   * @throws IllegalArgumentException if a pixel is transparent
   */
  static FreeArea of(BufferedImage mask) {
    Video frame = Frames.ofImage(mask);
    byte[] rgb = frame.rgb();
    short[] brightness = new short[rgb.length / CHANNELS];
    for (int i = 0; i < rgb.length; i++) {
      brightness[i / CHANNELS] += (short) (rgb[i] & 0xff);
    }
    return new FreeArea(mask.getWidth(), mask.getHeight(), brightness, ContentHash.of(frame));
  }

  /**
   * A cell of the latents is free where its pixels are nearer to white than to black on average.
   *
   * @param latentHeight that divides the height
   * @param latentWidth that divides the width
   * @return [1, 1, latentHeight, latentWidth], 1 where free and 0 elsewhere, on the CPU, of the
   *     innermost open scope
   */
  Tensor ofLatents(int latentHeight, int latentWidth) {
    int cellHeight = height / latentHeight;
    int cellWidth = width / latentWidth;
    long[] sums = new long[latentHeight * latentWidth];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        sums[y / cellHeight * latentWidth + x / cellWidth] += brightness[y * width + x];
      }
    }
    double middle = CHANNELS * WHITE / 2.0 * cellHeight * cellWidth;
    float[] free = new float[sums.length];
    for (int i = 0; i < free.length; i++) {
      free[i] = sums[i] > middle ? 1 : 0;
    }
    return HostTensors.of(free, 1, 1, latentHeight, latentWidth);
  }

  /** SHA-256 of the pixels, for the record, as that of a key frame's image. */
  String hash() {
    return hash;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FreeArea area
        && width == area.width
        && height == area.height
        && hash.equals(area.hash);
  }

  @Override
  public int hashCode() {
    return hash.hashCode();
  }
}
