package io.t2v.internal.adapter;

import com.google.common.base.Splitter;
import java.util.Comparator;
import java.util.List;

/**
 * The order in which the reference's networks hold their layers: that of PyTorch's {@code
 * named_modules}. It is not the order of their use: a UNet's up blocks were registered before its
 * middle block, and CLIP's keys before its queries.
 */
final class LayerOrder implements Comparator<String> {
  /** Before diffusers 0.15, a transformer's feed-forward layer stood between its attentions. */
  static final LayerOrder OLD = new LayerOrder("attn1 ff attn2");

  static final LayerOrder CURRENT = new LayerOrder("attn1 attn2 ff");

  private static final Splitter PARTS = Splitter.on('.');

  /** Each group of siblings in its order; a word that is in several groups has one place in all. */
  private static final String WORDS =
      "conv_in time_embedding transformer_in down_blocks up_blocks mid_block conv_out"
          + " linear_1 cond_proj linear_2"
          + " resnets temp_convs attentions temp_attentions downsamplers upsamplers"
          + " conv1 time_emb_proj conv2 conv3 conv4 conv_shortcut"
          + " proj_in transformer_blocks proj_out %s to_q to_k to_v to_out"
          + " embeddings encoder self_attn mlp k_proj v_proj q_proj out_proj fc1 fc2";

  private final List<String> words;

  private LayerOrder(String transformerParts) {
    words = Splitter.on(' ').splitToList(WORDS.formatted(transformerParts));
  }

  @Override
  public int compare(String first, String second) {
    List<String> firstParts = PARTS.splitToList(first);
    List<String> secondParts = PARTS.splitToList(second);
    int shorter = Math.min(firstParts.size(), secondParts.size());
    for (int i = 0; i < shorter; i++) {
      int order = comparePart(firstParts.get(i), secondParts.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(firstParts.size(), secondParts.size());
  }

  private int comparePart(String first, String second) {
    int order = Integer.compare(place(first), place(second));
    return order != 0 ? order : first.compareTo(second);
  }

  /** Numbers stand among numbers alone. */
  private int place(String part) {
    return Character.isDigit(part.charAt(0))
        ? Integer.parseInt(part, 0, Math.min(part.length(), 6), 10)
        : words.indexOf(part);
  }
}
