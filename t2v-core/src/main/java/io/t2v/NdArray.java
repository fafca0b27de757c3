package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.torch.HostTensors;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * A float32 array with a shape, on the Java heap. Latents and text embeddings are passed in and
 * returned as such arrays.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class NdArray {
  private final long[] shape;
  private final float[] values;

  private NdArray(long[] shape, float[] values) {
    this.shape = shape;
    this.values = values;
  }

  /**
   * Makes an array of copies.
   *
   * @param shape dimensions, outermost first, each at least 1
   * @param values row by row; as many as the product of the dimensions
   * @return the array
   * @throws IllegalArgumentException if shape and number of values disagree
   */
  public static NdArray of(long[] shape, float[] values) {
    long count = 1;
    for (long dimension : shape) {
      checkArgument(
          dimension >= 1, "shape is %s, expected dimensions of at least 1", Arrays.toString(shape));
      checkArgument(
          dimension <= Integer.MAX_VALUE / count,
          "shape is %s, expected at most %s values",
          Arrays.toString(shape),
          Integer.MAX_VALUE);
      count *= dimension;
    }
    checkArgument(
        count == values.length,
        "shape %s needs %s values, got %s",
        Arrays.toString(shape),
        count,
        values.length);
    return new NdArray(shape.clone(), values.clone());
  }

  /**
   * Returns the shape.
   *
   * @return a copy: dimensions, outermost first
   */
  public long[] shape() {
    return shape.clone();
  }

  /**
   * Returns the values.
   *
   * @return a copy, row by row
   */
  public float[] values() {
    return values.clone();
  }

  /**
   * Returns one entry of the outermost dimension, with that dimension kept at 1.
   *
   * @param index from 0
   * @return the entry
   * @throws IndexOutOfBoundsException if there is no such entry
   */
  public NdArray entry(int index) {
    if (index < 0 || index >= shape[0]) {
      throw new IndexOutOfBoundsException("entry " + index + " of " + shape[0]);
    }
    int length = values.length / Math.toIntExact(shape[0]);
    long[] entryShape = shape.clone();
    entryShape[0] = 1;
    return new NdArray(
        entryShape, Arrays.copyOfRange(values, index * length, (index + 1) * length));
  }

  /** Copies a tensor of any floating-point dtype, on any device. */
  static NdArray of(Tensor tensor) {
    return new NdArray(HostTensors.shape(tensor), HostTensors.toFloats(tensor));
  }

  /** A copy in float32 on the CPU, of the innermost open scope. */
  Tensor toTensor() {
    return HostTensors.of(values, shape);
  }

  boolean allFinite() {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  boolean hasShape(long... expected) {
    return Arrays.equals(shape, expected);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NdArray array
        && Arrays.equals(shape, array.shape)
        && Arrays.equals(values, array.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "NdArray" + LongStream.of(shape).boxed().toList();
  }
}
