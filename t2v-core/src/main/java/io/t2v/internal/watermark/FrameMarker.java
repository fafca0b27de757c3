package io.t2v.internal.watermark;

/** Writes a payload into frames of one size, each by itself. Immutable and thread-safe. */
public final class FrameMarker {
  /** The shortest side of frames that can be marked, in pixels. */
  public static final int MIN_SIDE = CosineBand.MIN_SIDE;

  /** The second pass makes up for what rounding and clipping to bytes took from the first. */
  private static final int PASSES = 2;

  private final CosineBand band;
  private final DitherModulation modulation;
  private final boolean[] bits;

  /**
   * Prepares to mark frames.
   *
   * @param width in pixels, at least {@link #MIN_SIDE}
   * @param height in pixels, likewise
   * @param payload any 64 bits
   */
  public FrameMarker(int width, int height, long payload) {
    band = new CosineBand(width, height);
    modulation = DitherModulation.forSize(width, height);
    bits = PayloadCode.encode(payload);
  }

  /**
   * Marks a frame: adds the same amount to red, green and blue of a pixel.
   *
   * @param rgb packed, row by row; left as it is
   * @return the marked frame
   */
  public byte[] mark(byte[] rgb) {
    double[] wanted = modulation.modulate(band.coefficients(rgb), bits);
    float[] change = new float[rgb.length / 3];
    byte[] marked = rgb.clone();
    for (int pass = 0; pass < PASSES; pass++) {
      double[] missing = band.coefficients(marked);
      for (int i = 0; i < missing.length; i++) {
        missing[i] = wanted[i] - missing[i];
      }
      band.addTo(change, missing);
      for (int i = 0; i < rgb.length; i++) {
        int value = (rgb[i] & 0xff) + Math.round(change[i / 3]);
        marked[i] = (byte) Math.max(0, Math.min(255, value));
      }
    }
    return marked;
  }
}
