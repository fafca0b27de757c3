package io.t2v.ffmpeg;

import java.util.Arrays;

/**
 * Paints pictures in the colors of a palette by Floyd and Steinberg's error diffusion (1976): the
 * difference between a pixel's color and the palette's is added to its neighbours. Pictures whose
 * colors are all in the palette stay as they are. For one thread at a time.
 */
final class Dithering {
  private static final int UNKNOWN = -1;
  private static final int SLOT_BITS = 16;

  /** What an object of this class takes of the heap. */
  static final long HEAP_BYTES = 2L * (Integer.BYTES << SLOT_BITS);

  private static final int HASH = 0x9e3779b1; // spreads neighbours over the slots

  private final int[] palette;
  private final int[] known = new int[1 << SLOT_BITS]; // colors that were looked up last
  private final int[] answers = new int[1 << SLOT_BITS];

  /**
   * Prepares.
   *
   * @param palette 0xRRGGBB, 1 to 256 colors
   */
  Dithering(int[] palette) {
    this.palette = palette.clone();
    Arrays.fill(known, UNKNOWN);
  }

  /**
   * Paints.
   *
   * @param rgb packed RGB
   * @return the number of each pixel's color in the palette
   */
  byte[] paint(byte[] rgb, PictureSize size) {
    byte[] indices = new byte[rgb.length / 3];
    int stride = 3 * (size.width() + 2); // a pixel of margin on both sides takes what falls over
    float[] errors = new float[stride];
    float[] below = new float[stride];
    for (int y = 0; y < size.height(); y++) {
      for (int x = 0; x < size.width(); x++) {
        int pixel = y * size.width() + x;
        indices[pixel] = (byte) paint(rgb, 3 * pixel, errors, below, 3 * (x + 1));
      }
      float[] done = errors;
      errors = below;
      below = done;
      Arrays.fill(below, 0);
    }
    return indices;
  }

  private int paint(byte[] rgb, int from, float[] errors, float[] below, int at) {
    int red = wanted(rgb[from], errors[at]);
    int green = wanted(rgb[from + 1], errors[at + 1]);
    int blue = wanted(rgb[from + 2], errors[at + 2]);
    int index = nearest(red, green, blue);
    spread(red - (palette[index] >> 16 & 0xff), errors, below, at);
    spread(green - (palette[index] >> 8 & 0xff), errors, below, at + 1);
    spread(blue - (palette[index] & 0xff), errors, below, at + 2);
    return index;
  }

  private static int wanted(byte value, float error) {
    return Math.max(0, Math.min(255, Math.round((value & 0xff) + error)));
  }

  private static void spread(int error, float[] errors, float[] below, int at) {
    if (error != 0) {
      errors[at + 3] += error * 7 / 16f;
      below[at - 3] += error * 3 / 16f;
      below[at] += error * 5 / 16f;
      below[at + 3] += error / 16f;
    }
  }

  private int nearest(int red, int green, int blue) {
    int color = red << 16 | green << 8 | blue;
    int slot = (color * HASH) >>> (Integer.SIZE - SLOT_BITS);
    if (known[slot] != color) {
      known[slot] = color;
      answers[slot] = search(red, green, blue);
    }
    return answers[slot];
  }

  private int search(int red, int green, int blue) {
    int best = 0;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < palette.length; i++) {
      int r = red - (palette[i] >> 16 & 0xff);
      int g = green - (palette[i] >> 8 & 0xff);
      int b = blue - (palette[i] & 0xff);
      int distance = 3 * r * r + 4 * g * g + 2 * b * b; // about how eyes weigh them
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return best;
  }
}
