package io.t2v.internal.files;

/** The 16-bit floating-point format of IEEE 754, which Java has no type for. */
final class HalfFloat {
  private static final int MAX_HALF_AS_FLOAT = 0x477ff000;
  private static final int MIN_NORMAL_AS_FLOAT = 0x38800000;

  private HalfFloat() {}

  /** Rounds to the nearest, ties to even. */
  static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude >= MAX_HALF_AS_FLOAT) {
      boolean nan = magnitude > 0x7f800000;
      return (short) (sign | (nan ? 0x7e00 : 0x7c00));
    }
    if (magnitude < MIN_NORMAL_AS_FLOAT) {
      // The last bit of 0.5 weighs 2^-24, as that of a subnormal half does: the sum rounds to it.
      float aligned = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | (Float.floatToRawIntBits(aligned) - Float.floatToRawIntBits(0.5f)));
    }
    int rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return (short) (sign | ((rounded - 0x38000000) >>> 13));
  }

  /** Widens, which is exact. */
  static float toFloat(short half) {
    int magnitude = half & 0x7fff;
    // The exponent's bias is 15 here and 127 there; subnormal numbers are multiples of 2^-24.
    float value =
        magnitude >= 0x7c00
            ? Float.intBitsToFloat(0x7f800000 | magnitude << 13)
            : magnitude < 0x0400
                ? magnitude * 0x1p-24f
                : Float.intBitsToFloat((magnitude << 13) + 0x38000000);
    return half < 0 ? -value : value;
  }
}
