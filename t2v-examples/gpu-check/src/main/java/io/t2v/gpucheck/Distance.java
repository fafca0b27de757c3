package io.t2v.gpucheck;

import io.t2v.NdArray;
import java.util.Arrays;

/**
 * How far numbers are from those that they should be.
 *
 * @param relative length of the difference as a vector, over that of what is expected
 * @param largest difference of two numbers, over the largest number expected
 * @param identical whether all are the same, bit for bit
 */
record Distance(double relative, double largest, boolean identical) {
  /** Numbers that are not finite are not a number away. */
  static Distance of(NdArray found, NdArray expected) {
    float[] left = found.values();
    float[] right = expected.values();
    if (!Arrays.equals(found.shape(), expected.shape())) {
      throw new IllegalArgumentException(found + " cannot be compared with " + expected);
    }
    double squares = 0;
    double expectedSquares = 0;
    double most = 0;
    double expectedMost = 0;
    for (int i = 0; i < left.length; i++) {
      double difference = (double) left[i] - right[i];
      squares += difference * difference;
      expectedSquares += (double) right[i] * right[i];
      most = Math.max(most, Math.abs(difference));
      expectedMost = Math.max(expectedMost, Math.abs(right[i]));
    }
    return new Distance(
        over(Math.sqrt(squares), Math.sqrt(expectedSquares)),
        over(most, expectedMost),
        Arrays.equals(left, right));
  }

  private static double over(double difference, double expected) {
    return difference == 0 ? 0 : difference / expected;
  }

  /** Notes the figures. */
  void addTo(Findings findings) {
    findings.figure("latentsRelativeError", relative);
    findings.figure("latentsLargestError", largest);
    findings.figure("latentsIdentical", identical);
  }
}
