package io.t2v.ffmpeg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Chooses the colors of a palette by median cut (Heckbert, 1982): the box around all colors of a
 * clip is split along its widest side, then the box with the largest error, until there are as many
 * boxes as colors; each box gives its mean. A clip with few colors keeps them all exactly.
 */
final class MedianCut {
  private static final int BITS = 6; // of each channel that tell colors apart in the cloud
  private static final int CELLS = 1 << (3 * BITS);

  private static final int FEW = 256;

  /** What an object of this class takes of the heap, roughly: a count and three sums a cell. */
  static final long HEAP_BYTES = 2L * CELLS * (Integer.BYTES + 3 * Long.BYTES);

  private final Set<Integer> exact = new LinkedHashSet<>();
  private final int[] counts = new int[CELLS];
  private final long[][] sums = new long[3][CELLS];

  /** Cells of the cloud that become one color. */
  private static final class Box {
    final int[] cells;
    final int axis;
    final double error;

    Box(int[] cells, int axis, double error) {
      this.cells = cells;
      this.axis = axis;
      this.error = error;
    }
  }

  /** Counts a picture's colors. */
  void add(byte[] rgb) {
    for (int i = 0; i < rgb.length; i += 3) {
      int cell = cell(rgb[i], rgb[i + 1], rgb[i + 2]);
      counts[cell]++;
      if (exact.size() <= FEW) {
        exact.add((rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | (rgb[i + 2] & 0xff));
      }
      for (int channel = 0; channel < 3; channel++) {
        sums[channel][cell] += rgb[i + channel] & 0xff;
      }
    }
  }

  private static int cell(byte red, byte green, byte blue) {
    int dropped = 8 - BITS;
    return (red & 0xff) >> dropped << (2 * BITS)
        | (green & 0xff) >> dropped << BITS
        | (blue & 0xff) >> dropped;
  }

  /**
   * Returns the palette.
   *
   * @param size the most colors that it may have
   * @return 0xRRGGBB, at least one
   */
  int[] palette(int size) {
    if (exact.size() <= Math.min(size, FEW)) {
      return exact.stream().mapToInt(Integer::intValue).toArray();
    }
    List<Box> boxes = new ArrayList<>();
    boxes.add(box(occupied()));
    while (boxes.size() < size) {
      Box widest = boxes.get(0);
      for (Box box : boxes) {
        widest = box.error > widest.error ? box : widest;
      }
      if (widest.error == 0) {
        break;
      }
      boxes.remove(widest);
      split(widest, boxes);
    }
    return boxes.stream().mapToInt(box -> mean(box.cells)).toArray();
  }

  private int[] occupied() {
    return IntStream.range(0, CELLS).filter(cell -> counts[cell] > 0).toArray();
  }

  /** At the mean of its widest channel: nearer to the least error than the median is. */
  private void split(Box box, List<Box> boxes) {
    double mean = channelMean(box.cells, box.axis);
    int[] low = of(box, cell -> value(cell, box.axis) <= mean);
    int[] high = of(box, cell -> value(cell, box.axis) > mean);
    boxes.add(box(low));
    boxes.add(box(high));
  }

  private static int[] of(Box box, IntPredicate belongs) {
    return Arrays.stream(box.cells).filter(belongs).toArray();
  }

  private Box box(int[] cells) {
    int axis = 0;
    double widest = -1;
    double error = 0;
    for (int channel = 0; channel < 3; channel++) {
      double spread = spread(cells, channel);
      error += spread;
      if (spread > widest) {
        widest = spread;
        axis = channel;
      }
    }
    return new Box(cells, axis, cells.length == 1 ? 0 : error);
  }

  private double value(int cell, int channel) {
    return (double) sums[channel][cell] / counts[cell];
  }

  private double channelMean(int[] cells, int channel) {
    double sum = 0;
    double count = 0;
    for (int cell : cells) {
      sum += sums[channel][cell];
      count += counts[cell];
    }
    return sum / count;
  }

  /** Sum of squared distances from the mean. */
  private double spread(int[] cells, int channel) {
    double mean = channelMean(cells, channel);
    double spread = 0;
    for (int cell : cells) {
      double distance = value(cell, channel) - mean;
      spread += counts[cell] * distance * distance;
    }
    return spread;
  }

  private int mean(int[] cells) {
    int color = 0;
    for (int channel = 0; channel < 3; channel++) {
      color = color << 8 | (int) Math.round(channelMean(cells, channel));
    }
    return color;
  }
}
