package io.t2v.internal.watermark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Reads the payload of frames of one size, from what all of them tell together.
 *
 * <p>The reader knows neither the size at which the frames were marked, and so the step of the
 * lattices, nor how much they were blurred since then, as by scaling. It tries all steps and a row
 * of blurs; the payload's checksum tells which one fits. Not thread-safe.
 */
public final class MarkReader {
  /** The shortest side of frames that can be read, in pixels. */
  public static final int MIN_SIDE = CosineBand.HIGHEST + 1;

  /** Blurs that are undone, from a slight sharpening on. */
  private static final int[] BLURS = {0, -1, 1, 2, 3, 4, 6, 8, 10, 12, 15};

  /** How much a blur of 1 takes from the band's highest frequency, as a power of e. */
  private static final double BLUR = 0.04;

  private record Assumption(DitherModulation modulation, double blur) {}

  private final CosineBand band;
  private final Map<Assumption, double[]> evidence = new LinkedHashMap<>();

  /**
   * Prepares to read frames.
   *
   * @param width in pixels, at least {@link #MIN_SIDE}
   * @param height in pixels, likewise
   */
  public MarkReader(int width, int height) {
    band = new CosineBand(width, height);
    for (int blur : BLURS) {
      for (DitherModulation modulation : DitherModulation.all()) {
        evidence.put(new Assumption(modulation, BLUR * blur), new double[PayloadCode.LENGTH]);
      }
    }
  }

  /**
   * Takes in what a frame tells.
   *
   * @param rgb packed, row by row
   */
  public void add(byte[] rgb) {
    double[] coefficients = band.coefficients(rgb);
    evidence.forEach(
        (assumption, sums) ->
            assumption
                .modulation()
                .addEvidence(band.sharpened(coefficients, assumption.blur()), sums));
  }

  /**
   * Returns what the frames so far carry.
   *
   * @return the payload; empty if they are not marked, or too damaged. One in 10<sup>8</sup>
   *     unmarked videos has a payload by chance
   */
  public OptionalLong payload() {
    return evidence.values().stream()
        .map(PayloadCode::decode)
        .filter(OptionalLong::isPresent)
        .findFirst()
        .orElse(OptionalLong.empty());
  }
}
