package io.t2v.internal.files;

import java.util.List;
import java.util.Set;

/** What stands before the names of a network's tensors when it was saved as part of another one. */
final class KeyPrefix {
  /** Of PyTorch's wrappers for several devices and for compiled networks. */
  private static final List<String> WRAPPERS = List.of("module.", "_orig_mod.");

  private KeyPrefix() {}

  /** Takes off what PyTorch's wrappers put before every name. */
  static TensorFiles withoutWrappers(TensorFiles files) {
    TensorFiles inner = files;
    for (String wrapper = wrapper(inner); !wrapper.isEmpty(); wrapper = wrapper(inner)) {
      int length = wrapper.length();
      inner = inner.renamed(name -> name.substring(length));
    }
    return inner;
  }

  private static String wrapper(TensorFiles files) {
    Set<String> names = files.names();
    return WRAPPERS.stream()
        .filter(wrapper -> !names.isEmpty() && names.stream().allMatch(n -> n.startsWith(wrapper)))
        .findFirst()
        .orElse("");
  }

  /**
   * Finds the places at which a network may be in a file.
   *
   * @param tensor that the network has, and no other one
   * @return what stands before that name, such as {@code state_dict.}
   */
  static List<String> before(String tensor, TensorFiles files) {
    return files.names().stream()
        .filter(name -> name.equals(tensor) || name.endsWith("." + tensor))
        .map(name -> name.substring(0, name.length() - tensor.length()))
        .toList();
  }

  /** Shows the tensors below a prefix, without it. */
  static TensorFiles below(String prefix, TensorFiles files) {
    return prefix.isEmpty()
        ? files
        : files.renamed(name -> name.startsWith(prefix) ? name.substring(prefix.length()) : null);
  }
}
