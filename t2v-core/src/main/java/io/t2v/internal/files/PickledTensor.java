package io.t2v.internal.files;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * How a tensor lies in its storage, as the pickle says it.
 *
 * @param storage the numbers
 * @param offset the tensor's first number in the storage
 * @param shape dimensions, outermost first
 * @param strides how many numbers further the next one of each dimension lies
 */
record PickledTensor(
    PickledStorage storage, long offset, ImmutableList<Long> shape, ImmutableList<Long> strides) {

  /** What is wrong with it, or null: numbers below zero, or beyond the storage's end. */
  @Nullable String flaw() {
    if (shape.size() != strides.size()) {
      return "has the shape " + shape + ", but the strides " + strides;
    }
    if (offset < 0 || isNegative(shape) || isNegative(strides)) {
      return "has a negative size: shape " + shape + ", strides " + strides + ", offset " + offset;
    }
    try {
      long elements = 1;
      long last = offset;
      for (int i = 0; i < shape.size(); i++) {
        elements = Math.multiplyExact(elements, shape.get(i));
        last =
            Math.addExact(last, Math.multiplyExact(Math.max(0, shape.get(i) - 1), strides.get(i)));
      }
      if (elements == 0 || last < storage.viewElements()) {
        return null;
      }
    } catch (ArithmeticException e) {
      // Further than a long counts is further than any storage.
    }
    return "of shape "
        + shape
        + ", strides "
        + strides
        + " and offset "
        + offset
        + " reaches beyond its storage of "
        + storage.viewElements()
        + " numbers";
  }

  private static boolean isNegative(ImmutableList<Long> numbers) {
    return numbers.stream().anyMatch(number -> number < 0);
  }
}
