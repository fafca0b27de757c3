package io.t2v.cli.keyframes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Weights of frames as the web UI's extension for this model writes them: {@code 0:(0),
 * "max_i_f":(1)} rises from 0 at frame 0 to 1 at the last one.
 *
 * <p>Before each colon is a frame, after it a value in parentheses; both may be {@linkplain
 * Expression expressions}. A plain number stands at its frame, and between such frames the weight
 * goes linearly. Another expression is evaluated at every frame from its own to the next one.
 * Before the first frame and after the last one the weight stays. Where two entries come to stand
 * at one frame, the later one holds.
 *
 * <p>Variables: {@code t} the frame, {@code max_f} the last frame of the video, {@code max_i_f} the
 * last one with a weight, {@code s} the seed.
 */
public final class FrameWeights {
  private static final Pattern NUMBER = Pattern.compile("\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)\\s*");

  private static final double UNKNOWN = Double.NaN;

  private final List<Entry> entries;

  private FrameWeights(List<Entry> entries) {
    this.entries = entries;
  }

  /** Both are expressions. */
  private record Entry(String frame, String value) {}

  /**
   * Reads a text.
   *
   * @param text such as {@code 0:(t/max_i_f), "max_i_f":(1)}
   * @return the weights
   * @throws IllegalArgumentException if it is none; the message names the part
   */
  public static FrameWeights parse(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String entry : split(text, ',')) {
      List<String> sides = split(entry, ':');
      if (sides.size() != 2) {
        throw new IllegalArgumentException(
            "'%s' is no weight of a frame, expected one such as 0:(0.5)".formatted(entry.strip()));
      }
      String frame = sides.get(0).strip();
      boolean quoted =
          frame.length() > 1
              && "\"'".indexOf(frame.charAt(0)) >= 0
              && frame.endsWith(frame.substring(0, 1));
      entries.add(
          new Entry(
              quoted ? frame.substring(1, frame.length() - 1) : frame,
              inner(sides.get(1).strip())));
    }
    return new FrameWeights(entries);
  }

  /** Without the parentheses around the whole. */
  private static String inner(String value) {
    if (!value.startsWith("(") || !value.endsWith(")")) {
      return value;
    }
    int depth = 0;
    for (int i = 0; i < value.length() - 1; i++) {
      depth += value.charAt(i) == '(' ? 1 : value.charAt(i) == ')' ? -1 : 0;
      if (depth == 0) {
        return value; // the first one is closed before the end
      }
    }
    return value.substring(1, value.length() - 1);
  }

  /** At separators that are in no parenthesis. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == separator && depth == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  /**
   * Works out the weights.
   *
   * @param count how many frames have one, from the first on
   * @param frames of the video, at least {@code count}
   * @param seed of the video
   * @return one a frame
   * @throws IllegalArgumentException if the count is out of range, or an expression cannot be
   *     evaluated; the message names it
   */
  public List<Double> ofFrames(int count, int frames, long seed) {
    if (count < 1 || count > frames) {
      throw new IllegalArgumentException(
          "%s frames have a weight, expected 1 to %s".formatted(count, frames));
    }
    Map<String, Double> variables = new TreeMap<>();
    variables.put("max_f", frames - 1.0);
    variables.put("max_i_f", count - 1.0);
    variables.put("s", (double) seed);
    variables.put("t", 0.0);
    TreeMap<Integer, String> values = new TreeMap<>();
    for (Entry entry : entries) {
      values.put((int) Expression.evaluate(entry.frame(), variables), entry.value());
    }
    double[] weights = new double[count];
    Arrays.fill(weights, UNKNOWN);
    String running = "";
    for (int frame = 0; frame < count; frame++) {
      running = values.getOrDefault(frame, running);
      boolean number = NUMBER.matcher(running).matches();
      if (!running.isEmpty() && (!number || values.containsKey(frame))) {
        variables.put("t", (double) frame);
        weights[frame] = Expression.evaluate(running, variables);
      }
    }
    return filled(weights);
  }

  /** Linearly between the frames that have a weight, and held at the ends. */
  private static List<Double> filled(double[] weights) {
    List<Integer> known = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      if (!Double.isNaN(weights[i])) {
        known.add(i);
      }
    }
    if (known.isEmpty()) {
      throw new IllegalArgumentException(
          "no weight stands at one of the frames 0 to " + (weights.length - 1));
    }
    List<Double> all = new ArrayList<>();
    int next = 0;
    for (int frame = 0; frame < weights.length; frame++) {
      while (next < known.size() && known.get(next) < frame) {
        next++;
      }
      int after = known.get(Math.min(next, known.size() - 1));
      int before = next == 0 ? after : known.get(next - 1);
      double share =
          after == before || next == known.size()
              ? 1
              : (double) (frame - before) / (after - before);
      all.add(weights[before] * (1 - share) + weights[after] * share);
    }
    return all;
  }
}
