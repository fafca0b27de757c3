package io.t2v.checkpoint;

import java.util.List;

/** Recognises by its names how a file of a UNet's weights was written. */
final class UnetKeys {
  /** Every UNet of this kind has it, and no other network does. */
  private static final String TIME_EMBEDDING = "time_embedding.linear_1.weight";

  private UnetKeys() {}

  /**
   * Shows a UNet's weights under diffusers' names. What stands before these names, such as {@code
   * state_dict.} or {@code unet.}, is left out, and so are tensors that lack it.
   *
   * @throws CheckpointException if the names are not a UNet's, or there are several UNets
   */
  static TensorFiles ofDiffusers(TensorFiles files) {
    List<String> prefixes =
        files.names().stream()
            .filter(name -> name.equals(TIME_EMBEDDING) || name.endsWith("." + TIME_EMBEDDING))
            .map(name -> name.substring(0, name.length() - TIME_EMBEDDING.length()))
            .toList();
    if (prefixes.size() != 1) {
      throw new CheckpointException(
          files
              + (prefixes.isEmpty()
                  ? " holds no UNet by diffusers' names: there is no tensor " + TIME_EMBEDDING + "."
                  : " holds more than one UNet, under " + prefixes + ": expected one."));
    }
    String prefix = prefixes.get(0);
    return prefix.isEmpty()
        ? files
        : files.renamed(name -> name.startsWith(prefix) ? name.substring(prefix.length()) : null);
  }
}
