package io.t2v.internal.files;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Python tuple.
 *
 * @param items unmodifiable
 * @param depth how many tuples are nested here, itself included
 */
record PickledTuple(List<@Nullable Object> items, int depth) {
  static PickledTuple of(List<? extends @Nullable Object> items) {
    int depth = 0;
    for (Object item : items) {
      if (item instanceof PickledTuple tuple) {
        depth = Math.max(depth, tuple.depth);
      }
    }
    return new PickledTuple(Collections.unmodifiableList(new ArrayList<>(items)), depth + 1);
  }
}
