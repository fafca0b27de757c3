package io.t2v.checkpoint;

import java.util.List;

/**
 * One tensor in a file.
 *
 * @param file the file's path, for messages
 * @param dtype number type as the file names it, such as {@code F16}
 * @param shape dimensions, outermost first; empty for a scalar
 * @param offset of the first byte in the file
 * @param bytes length
 */
record TensorEntry(String file, String dtype, List<Long> shape, long offset, long bytes) {
  /** Whether this shape is the expected one, but for further dimensions of size 1 at the end. */
  boolean hasShape(long... expected) {
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
}
