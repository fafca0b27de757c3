package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which windows of a clip are predicted in each step, and how much each counts in the average.
 *
 * <p>Windows start at the multiples of {@code length - overlap}. Where the last one would pass the
 * end of the clip it is moved back to end there, so that no frame is left out whatever the numbers.
 * In a loop it goes on at the first frame instead.
 *
 * <p>With a shift, the multiples move on from step to step, so that the seams between windows do
 * not stay on the same frames. The shifts are the van der Corput sequence: the bits of the step in
 * reverse order, as a binary fraction. It spreads any number of steps evenly, and needs no seed.
 *
 * @param frames of the clip, at least 1
 * @param length of a window, at least 1; cut to the clip
 * @param overlap frames that neighbouring windows share, less than {@code length}
 * @param pyramid whether a frame counts the more, the nearer it is to the middle of a window
 * @param shifted whether windows move from step to step
 * @param loop whether the first frame follows the last one
 */
public record WindowPlan(
    int frames, int length, int overlap, boolean pyramid, boolean shifted, boolean loop) {
  /** Checks the numbers, and cuts the length to the clip. */
  public WindowPlan {
    checkArgument(frames >= 1, "frames is %s, expected at least 1", frames);
    checkArgument(length >= 1, "length is %s, expected at least 1", length);
    checkArgument(
        overlap >= 0 && overlap < length, "overlap is %s, expected 0 to %s", overlap, length - 1);
    if (length > frames) {
      length = frames;
      overlap = 0;
    }
  }

  /**
   * One window.
   *
   * @param frames their numbers, in order
   * @param shares how much the prediction of each counts, above 0 to 1; those of a frame add up to
   *     1 over the windows that hold it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Window(long[] frames, float[] shares) {}

  /** Whether every prediction is one of the whole clip, from its first frame. */
  public boolean isWholeClip() {
    return length == frames && !(loop && shifted);
  }

  /**
   * Lists the windows of a step, in the order of their prediction.
   *
   * @param step from 0
   * @return at least one; together they hold every frame
   */
  public List<Window> windows(int step) {
    List<long[]> windows = starts(step).stream().map(this::framesFrom).toList();
    int[] weights = weights();
    int[] total = new int[frames];
    for (long[] window : windows) {
      for (int i = 0; i < length; i++) {
        total[(int) window[i]] += weights[i];
      }
    }
    List<Window> weighed = new ArrayList<>();
    for (long[] window : windows) {
      float[] shares = new float[length];
      for (int i = 0; i < length; i++) {
        shares[i] = (float) weights[i] / total[(int) window[i]];
      }
      weighed.add(new Window(window, shares));
    }
    return weighed;
  }

  private List<Integer> starts(int step) {
    int stride = length - overlap;
    if (loop) {
      int windows = length == frames ? 1 : (frames + stride - 1) / stride;
      int shift = shift(step, length == frames ? frames : stride);
      return IntStream.range(0, windows).mapToObj(i -> shift + i * stride).toList();
    }
    int last = frames - length;
    int shift = shift(step, stride);
    return IntStream.rangeClosed(0, (last + shift + stride - 1) / stride)
        .map(i -> Math.min(Math.max(0, i * stride - shift), last))
        .distinct()
        .boxed()
        .toList();
  }

  /** 0 to less than the period. */
  private int shift(int step, int period) {
    return shifted ? (int) ((Integer.toUnsignedLong(Integer.reverse(step)) * period) >>> 32) : 0;
  }

  private long[] framesFrom(int start) {
    long[] window = new long[length];
    Arrays.setAll(window, i -> (start + i) % frames);
    return window;
  }

  private int[] weights() {
    int[] weights = new int[length];
    Arrays.setAll(weights, i -> pyramid ? Math.min(i + 1, length - i) : 1);
    return weights;
  }
}
