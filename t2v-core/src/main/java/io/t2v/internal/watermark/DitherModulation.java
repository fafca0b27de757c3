package io.t2v.internal.watermark;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Writes one bit into one coefficient, by dither modulation: the coefficient is moved to the
 * nearest point of one of two lattices, and which one it is tells the bit. The points of one lie
 * halfway between those of the other, and each coefficient has lattices of its own, shifted by a
 * fixed random amount. What the picture holds by itself is no noise to the reader, as it would be
 * to one that looks for an added pattern.
 *
 * <p>B. Chen and G. W. Wornell, "Quantization index modulation: a class of provably good methods
 * for digital watermarking and information embedding", IEEE Transactions on Information Theory 47
 * (4), 2001.
 *
 * @param step distance of a lattice's points, in coefficients of {@link CosineBand}
 */
record DitherModulation(double step) {
  /**
   * In the smallest frames. All coefficients together then change a pixel by 1.9 of 255 levels
   * (root mean square), which is 43 dB.
   */
  private static final double LARGEST_STEP = 28;

  /** The step falls by the fourth root of two each time that the area is four times as large. */
  private static final int STRENGTHS = 4;

  private static final double[] SHIFTS = new Random(1).doubles(PayloadCode.LENGTH).toArray();

  /** Without a common divisor with the number of bits: neighbours come to distant coefficients. */
  private static final int STRIDE = 89;

  /** Returns the modulations of all sizes: a frame may have had another one when it was marked. */
  static List<DitherModulation> all() {
    return IntStream.range(0, STRENGTHS).mapToObj(DitherModulation::ofStrength).toList();
  }

  /**
   * Returns the modulation for frames of a size. In larger frames the same coefficients stand for
   * more pixels, so that less of a change survives as well, and is seen less.
   */
  static DitherModulation forSize(int width, int height) {
    double area = (double) width * height / (CosineBand.MIN_SIDE * CosineBand.MIN_SIDE);
    int quadruplings = (int) (Math.log(area) / Math.log(4) + 1e-9);
    return ofStrength(Math.min(quadruplings, STRENGTHS - 1));
  }

  private static DitherModulation ofStrength(int index) {
    return new DitherModulation(LARGEST_STEP * Math.pow(2, -index / 4.0));
  }

  /** The bit that a coefficient carries. */
  private static int bitOf(int coefficient) {
    return coefficient * STRIDE % PayloadCode.LENGTH;
  }

  /**
   * Moves coefficients to where they carry bits.
   *
   * @param coefficients {@link PayloadCode#LENGTH} of them
   * @param bits as many
   * @return the nearest coefficients that do
   */
  double[] modulate(double[] coefficients, boolean[] bits) {
    double[] modulated = new double[coefficients.length];
    for (int i = 0; i < coefficients.length; i++) {
      double shift = SHIFTS[i] + (bits[bitOf(i)] ? 0.5 : 0);
      modulated[i] = (Math.rint(coefficients[i] / step - shift) + shift) * step;
    }
    return modulated;
  }

  /**
   * Adds up what coefficients tell of the bits.
   *
   * @param coefficients of one frame
   * @param evidence a number for each bit, to which is added 1 for a coefficient that lies on a
   *     point for a set bit, -1 on one for a bit that is not set, and what lies between them
   *     otherwise
   */
  void addEvidence(double[] coefficients, double[] evidence) {
    for (int i = 0; i < coefficients.length; i++) {
      evidence[bitOf(i)] -= Math.cos(2 * Math.PI * (coefficients[i] / step - SHIFTS[i]));
    }
  }
}
