package io.t2v.internal.adapter;

import io.t2v.internal.adapter.NetworkLayers.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The selections of layers, in their order, that trainers write as lists without names. Which one a
 * file holds is told by the number of its factors and by their shapes.
 *
 * <p>Text-To-Video-Finetuning writes the whole UNet, and all layers of the text encoder but its
 * embeddings; MotionDirector the attention and feed-forward layers of the temporal transformers, or
 * those of the spatial ones but for what reads the text.
 *
 * @see <a href="https://arxiv.org/abs/2310.08465">MotionDirector</a>
 */
final class ListCandidates {
  /** T2V-Turbo's, which its lists hold between the two layers of the time embedding. */
  private static final String GUIDANCE_EMBEDDING = "time_embedding.cond_proj";

  /**
   * A selection.
   *
   * @param description for messages
   * @param layers in their order
   */
  record Candidate(String description, List<Layer> layers) {}

  private ListCandidates() {}

  /** All selections of both networks. Some have the same layers in another order. */
  static List<Candidate> of(@Nullable NetworkLayers unet, @Nullable NetworkLayers text) {
    List<Candidate> candidates = new ArrayList<>();
    if (unet != null) {
      addUnet(candidates, unet, LayerOrder.CURRENT, "");
      addUnet(candidates, unet, LayerOrder.OLD, " in the order before diffusers 0.15");
    }
    if (text != null) {
      add(
          candidates,
          "the text encoder",
          text,
          LayerOrder.CURRENT,
          name -> name.startsWith("encoder.layers."));
    }
    return candidates;
  }

  private static void addUnet(
      List<Candidate> candidates, NetworkLayers unet, LayerOrder order, String suffix) {
    add(candidates, "the whole UNet" + suffix, unet, order, name -> true);
    add(
        candidates,
        "the UNet without " + GUIDANCE_EMBEDDING + suffix,
        unet,
        order,
        name -> !name.equals(GUIDANCE_EMBEDDING));
    add(
        candidates,
        "the temporal transformers" + suffix,
        unet,
        order,
        name -> inTransformer(name) && isTemporal(name));
    add(
        candidates,
        "the spatial transformers" + suffix,
        unet,
        order,
        name -> inTransformer(name) && !isTemporal(name) && !name.contains(".attn2."));
  }

  private static boolean inTransformer(String name) {
    return name.contains(".transformer_blocks.") || name.startsWith("transformer_blocks.");
  }

  private static boolean isTemporal(String name) {
    return name.startsWith("transformer_in.") || name.contains("temp_attentions.");
  }

  private static void add(
      List<Candidate> candidates,
      String description,
      NetworkLayers network,
      LayerOrder order,
      Predicate<String> included) {
    List<Layer> layers =
        network.named(network.names().stream().filter(included).sorted(order).toList());
    if (!layers.isEmpty() && candidates.stream().noneMatch(c -> c.layers().equals(layers))) {
      candidates.add(new Candidate(description, layers));
    }
  }
}
