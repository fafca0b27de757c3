package io.t2v.internal.files;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Longs;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * One tensor in a file.
 *
 * @param file the file's path, for messages
 * @param name the tensor's name in the file; a view may show it under another one
 * @param type of its numbers
 * @param shape dimensions, outermost first; empty for a scalar
 * @param strides how many numbers further the next one of each dimension lies; never negative
 * @param offset of the first byte in the file
 */
public record TensorEntry(
    String file,
    String name,
    ElementType type,
    ImmutableList<Long> shape,
    ImmutableList<Long> strides,
    long offset) {

  /** A tensor whose numbers lie row by row. */
  public static TensorEntry contiguous(
      String file, String name, ElementType type, List<Long> shape, long offset) {
    return new TensorEntry(
        file, name, type, ImmutableList.copyOf(shape), contiguousStrides(shape), offset);
  }

  private static ImmutableList<Long> contiguousStrides(List<Long> shape) {
    Long[] strides = new Long[shape.size()];
    long stride = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(1, shape.get(i));
    }
    return ImmutableList.copyOf(strides);
  }

  /** Number of numbers. */
  public long elements() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /** Length from the first byte to the last. */
  public long bytes() {
    if (elements() == 0) {
      return 0;
    }
    long last = 0;
    for (int i = 0; i < shape.size(); i++) {
      last += (shape.get(i) - 1) * strides.get(i);
    }
    return (last + 1) * type.bytes();
  }

  private boolean isContiguous() {
    List<Long> expected = contiguousStrides(shape);
    for (int i = 0; i < shape.size(); i++) {
      if (shape.get(i) > 1 && !strides.get(i).equals(expected.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether this shape is the expected one, but for further dimensions of size 1 at the end. */
  public boolean hasShape(long... expected) {
    if (shape.size() < expected.length) {
      return false;
    }
    for (int i = 0; i < shape.size(); i++) {
      if (shape.get(i) != (i < expected.length ? expected[i] : 1)) {
        return false;
      }
    }
    return true;
  }

  /** The same numbers in another shape. */
  public TensorEntry withShape(long... newShape) {
    TensorEntry reshaped = contiguous(file, name, type, Longs.asList(newShape), offset);
    checkArgument(
        isContiguous() && reshaped.elements() == elements(),
        "%s cannot be seen as %s",
        this,
        reshaped.shape());
    return reshaped;
  }

  /** A stretch of the outermost dimension. */
  public TensorEntry rows(long first, long count) {
    checkArgument(
        !shape.isEmpty() && first >= 0 && count >= 0 && first + count <= shape.get(0),
        "%s has no rows %s to %s",
        this,
        first,
        first + count);
    List<Long> cut = new ArrayList<>(shape);
    cut.set(0, count);
    return new TensorEntry(
        file,
        name,
        type,
        ImmutableList.copyOf(cut),
        strides,
        offset + first * strides.get(0) * type.bytes());
  }

  /**
   * Returns libtorch's name of the number type.
   *
   * @throws CheckpointException if networks do not compute with such numbers
   */
  public ScalarType requireComputable() {
    ScalarType scalarType = type.scalarType();
    if (scalarType == null) {
      throw new CheckpointException(
          "Tensor "
              + name
              + " in "
              + file
              + " has the number type "
              + type
              + ", expected one of "
              + ElementType.computable()
              + ".");
    }
    return scalarType;
  }

  /**
   * Reads the tensor.
   *
   * @param from its file
   * @param scratch returns [bytes] for as many bytes, for numbers before they are converted
   * @param result returns [bytes] for as many bytes, for the tensor that is returned
   * @param expected shape, which {@link #hasShape} holds for
   * @return float32, row by row, of the innermost open scope
   * @throws CheckpointException if networks do not compute with such numbers, or the file was
   *     changed or cannot be read
   */
  Tensor read(
      OpenFile from, LongFunction<Tensor> scratch, LongFunction<Tensor> result, long... expected) {
    ScalarType scalarType = requireComputable();
    boolean direct = scalarType == ScalarType.Float && isContiguous();
    try (TensorScope scope = TensorScope.open()) {
      Tensor numbers = (direct ? result : scratch).apply(bytes()).view(scalarType);
      if (bytes() > 0) {
        from.read(offset, numbers.data_ptr(), bytes());
      }
      if (direct) {
        return scope.keep(numbers.view(expected));
      }
      Tensor widened = result.apply(elements() * Float.BYTES).view(ScalarType.Float);
      long[] own = Longs.toArray(shape);
      widened.view(own).copy_(numbers.as_strided(own, Longs.toArray(strides)));
      return scope.keep(widened.view(expected));
    }
  }
}
