package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tensors in what a pickle holds. Those of a dict within the dict get its key and a point
 * before their names: {@code state_dict.conv_in.weight}. What is no tensor is passed over. Tensors
 * of a plain list, as some trainers of adapters write it, are named by their places: {@code 0},
 * {@code 1}.
 */
final class StateDict {
  private static final int MAX_DEPTH = 8;
  private static final int MAX_NAME_LENGTH = 1024;

  /** One dict may be there many times, inside of others that are there many times as well. */
  private static final int MAX_ENTRIES = 500_000;

  private final PickleInput in;
  private final Map<String, PickledTensor> tensors = new LinkedHashMap<>();
  private int entries;

  private StateDict(PickleInput in) {
    this.in = in;
  }

  /**
   * Lists the tensors by their names.
   *
   * @param root what a pickle holds
   * @param in for messages
   * @throws CheckpointException if it is neither a dict nor a list of tensors, if it is nested too
   *     deeply, or if two tensors have one name
   */
  static Map<String, PickledTensor> tensors(@Nullable Object root, PickleInput in) {
    if (root instanceof List<?> list && !list.isEmpty()) {
      return listed(list, in);
    }
    if (!(root instanceof Map<?, ?> dict)) {
      throw in.refused("holds no dict of tensors");
    }
    StateDict result = new StateDict(in);
    result.add("", dict, 1);
    return result.tensors;
  }

  private static Map<String, PickledTensor> listed(List<?> list, PickleInput in) {
    Map<String, PickledTensor> tensors = new LinkedHashMap<>();
    for (Object item : list) {
      if (!(item instanceof PickledTensor tensor)) {
        throw in.refused("holds a list of other things than tensors");
      }
      tensors.put(String.valueOf(tensors.size()), tensor);
    }
    return tensors;
  }

  private void add(String prefix, Map<?, ?> dict, int depth) {
    if (depth > MAX_DEPTH) {
      throw in.refused("holds dicts that are nested deeper than " + MAX_DEPTH + " levels");
    }
    dict.forEach(
        (key, value) -> {
          if (++entries > MAX_ENTRIES) {
            throw in.refused("holds more than " + MAX_ENTRIES + " entries");
          }
          if (value instanceof PickledTensor tensor) {
            if (tensors.put(name(prefix, key), tensor) != null) {
              throw in.damaged("it holds two tensors of the name " + prefix + key);
            }
          } else if (value instanceof Map<?, ?> inner) {
            add(name(prefix, key) + ".", inner, depth + 1);
          }
        });
  }

  private String name(String prefix, Object key) {
    String name = prefix + key;
    if (name.length() > MAX_NAME_LENGTH) {
      throw in.refused("holds a tensor whose name has more than " + MAX_NAME_LENGTH + " letters");
    }
    return name;
  }
}
