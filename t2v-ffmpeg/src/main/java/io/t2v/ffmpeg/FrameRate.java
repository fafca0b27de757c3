package io.t2v.ffmpeg;

/**
 * A frame rate as the exact fraction that goes into a file's time stamps.
 *
 * @param numerator frames
 * @param denominator seconds that these frames take
 */
record FrameRate(int numerator, int denominator) {
  static final double MIN = 0.01;
  static final double MAX = 1000;

  private static final int MAX_DENOMINATOR = 100_000;
  private static final double SAME = 1e-9;
  private static final double ROUNDED = 2e-4;
  private static final int[] TELEVISION = {24, 30, 48, 60, 120};

  static boolean isValid(double framesPerSecond) {
    return framesPerSecond >= MIN && framesPerSecond <= MAX; // false for NaN
  }

  /**
   * Finds the fraction for a number.
   *
   * <p>The rates of television are 1000/1001 of a whole number and are written 23.976 or 29.97, so
   * numbers this close to them mean them; any other gets its best fraction.
   *
   * @param framesPerSecond from {@link #MIN} to {@link #MAX}
   */
  static FrameRate of(double framesPerSecond) {
    for (int whole : TELEVISION) {
      if (Math.abs(framesPerSecond - whole / 1.001) < ROUNDED) {
        return new FrameRate(whole * 1000, 1001);
      }
    }
    // Continued fraction: each convergent is the best fraction for the size of its denominator.
    long previousNumerator = 1;
    long previousDenominator = 0;
    long numerator = (long) Math.floor(framesPerSecond);
    long denominator = 1;
    double rest = framesPerSecond - numerator;
    while (Math.abs((double) numerator / denominator - framesPerSecond) > SAME * framesPerSecond) {
      double inverse = 1 / rest;
      long term = (long) Math.floor(inverse);
      rest = inverse - term;
      long nextDenominator = term * denominator + previousDenominator;
      if (nextDenominator > MAX_DENOMINATOR) {
        break;
      }
      long nextNumerator = term * numerator + previousNumerator;
      previousNumerator = numerator;
      previousDenominator = denominator;
      numerator = nextNumerator;
      denominator = nextDenominator;
    }
    return new FrameRate((int) numerator, (int) denominator);
  }

  double value() {
    return (double) numerator / denominator;
  }

  /** Returns ticks per second for a clock that hits every frame exactly, fine enough for MP4. */
  int clock() {
    int ticks = numerator;
    while (ticks < 10_000) {
      ticks *= 2;
    }
    return ticks;
  }
}
