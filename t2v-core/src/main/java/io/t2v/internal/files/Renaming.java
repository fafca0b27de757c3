package io.t2v.internal.files;

import com.google.common.collect.ImmutableBiMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one library calls the layers of another. What follows a layer's name stays, as in the names
 * of its tensors: with {@code conv1} for {@code in_layers.2}, {@code conv1.weight} is {@code
 * in_layers.2.weight}.
 *
 * @param names of layers in the one library, and in the other
 */
public record Renaming(ImmutableBiMap<String, String> names) {
  /** Renames a layer, or a tensor of it; empty if the layer is unknown. */
  public Optional<String> of(String name) {
    for (Map.Entry<String, String> layer : names.entrySet()) {
      String start = layer.getKey();
      if (name.equals(start) || name.startsWith(start + ".")) {
        return Optional.of(layer.getValue() + name.substring(start.length()));
      }
    }
    return Optional.empty();
  }

  /** The other way round. */
  public Renaming inverse() {
    return new Renaming(names.inverse());
  }
}
