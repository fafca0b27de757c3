package io.t2v.internal.adapter;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.t2v.internal.files.TensorFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The layers of a network that an adapter can change, those whose weight has two dimensions or
 * more, and every name by which files call them: diffusers' and ModelScope's, with points and with
 * underscores, and those that old attention processors had.
 */
final class NetworkLayers {
  private static final String WEIGHT = ".weight";
  private static final String TEXT_MODEL = "text_model.";

  /** What trainers and wrappers put before names, which says nothing about the layer. */
  private static final List<String> PREFIXES =
      List.of(
          "base_model.model.",
          "base_model_model_",
          "module.",
          "model.diffusion_model.",
          "diffusion_model.",
          "unet.",
          "text_encoder.",
          "lora_unet_",
          "lora_te1_",
          "lora_te_",
          "transformer.",
          TEXT_MODEL,
          "text_model_");

  /** What the attention of diffusers' old text encoders was called. */
  private static final ImmutableMap<String, String> OLD_TEXT_ATTENTION =
      ImmutableMap.of(
          ".q_proj", ".to_q", ".k_proj", ".to_k", ".v_proj", ".to_v", ".out_proj", ".to_out");

  private final ImmutableMap<String, Layer> layers;
  private final Map<String, Layer> byAlias = new HashMap<>();

  /**
   * A layer.
   *
   * @param name in diffusers' words; of the text encoder without {@code text_model.}
   * @param weight name of its weight, as the network knows it
   * @param shape of the weight
   */
  record Layer(String name, String weight, ImmutableList<Long> shape) {
    long outputs() {
      return shape.get(0);
    }

    long elements() {
      return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    /** Whether the layer mixes frames; all others see one frame at a time. */
    boolean isTemporal() {
      return name.startsWith("transformer_in.")
          || name.contains(".temp_attentions.")
          || name.contains(".temp_convs.");
    }

    boolean isEmbedding() {
      return name.endsWith("_embedding");
    }
  }

  private NetworkLayers(Map<String, Layer> layers) {
    this.layers = ImmutableMap.copyOf(layers);
  }

  /** The layers of a UNet, by diffusers' names. */
  static NetworkLayers ofUnet(TensorFiles files) {
    NetworkLayers network = new NetworkLayers(layers(files, ""));
    OriginalNames original = new OriginalNames(network.layers.keySet());
    network.layers.forEach(
        (name, layer) -> {
          network.alias(name, layer);
          network.alias(original.ofUnet(name), layer);
          if (name.endsWith(".to_out.0")) {
            network.alias(name.substring(0, name.length() - ".0".length()), layer);
          }
        });
    return network;
  }

  /** The layers of a text encoder, whose names may begin with {@code text_model.}. */
  static NetworkLayers ofText(TensorFiles files) {
    NetworkLayers network = new NetworkLayers(layers(files, TEXT_MODEL));
    network.layers.forEach(
        (name, layer) -> {
          network.alias(name, layer);
          network.alias(OriginalNames.ofText(name), layer);
          OLD_TEXT_ATTENTION.forEach(
              (now, old) -> {
                if (name.endsWith(now)) {
                  network.alias(name.substring(0, name.length() - now.length()) + old, layer);
                }
              });
        });
    return network;
  }

  private static Map<String, Layer> layers(TensorFiles files, String prefix) {
    Map<String, Layer> layers = new LinkedHashMap<>();
    for (String weight : files.names()) {
      ImmutableList<Long> shape = files.entry(weight).shape();
      if (weight.endsWith(WEIGHT) && shape.size() >= 2) {
        String name = weight.substring(0, weight.length() - WEIGHT.length());
        String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
        layers.put(bare, new Layer(bare, weight, shape));
      }
    }
    return layers;
  }

  private void alias(String name, Layer layer) {
    byAlias.putIfAbsent(name, layer);
    byAlias.putIfAbsent(name.replace('.', '_'), layer);
  }

  Set<String> names() {
    return layers.keySet();
  }

  /** The layers of these names, in their order. */
  List<Layer> named(List<String> names) {
    List<Layer> found = new ArrayList<>();
    for (String name : names) {
      Layer layer = layers.get(name);
      if (layer != null) {
        found.add(layer);
      }
    }
    return found;
  }

  /** Finds the layer of a name in a file; empty if there is none. */
  Optional<Layer> find(String nameInFile) {
    return Optional.ofNullable(byAlias.get(bare(nameInFile)));
  }

  private static String bare(String nameInFile) {
    String name = nameInFile.replace(".processor", "");
    for (int i = 0; i < PREFIXES.size(); i++) {
      if (name.startsWith(PREFIXES.get(i))) {
        name = name.substring(PREFIXES.get(i).length());
        i = -1;
      }
    }
    return name;
  }
}
