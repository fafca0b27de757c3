package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.t2v.checkpoint.CheckpointException;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of open_clip's CLIP, and what transformers' CLIPTextModel calls the parameters of its
 * text half.
 *
 * <p>ModelScope takes the output of the last block but one, so the last one is left out, as are the
 * half for pictures and both projections. One tensor holds the projections to query, key and value,
 * one below the other: it is shown in three parts.
 */
final class OpenClipKeys {
  private static final String FIRST = "token_embedding.weight";
  private static final String LAST = "text_model.final_layer_norm.";
  private static final Pattern BLOCK =
      Pattern.compile("transformer\\.resblocks\\.(\\d{1,4})\\.(.+)");
  private static final Pattern QUERY_KEY_VALUE = Pattern.compile("attn\\.in_proj_(weight|bias)");
  private static final ImmutableSet<String> UNUSED =
      ImmutableSet.of("text_projection", "logit_scale", "logit_bias", "attn_mask");

  /** ViT-H-14, the one that ModelScope's model was trained with: its width, and its blocks. */
  private static final long PUBLISHED_WIDTH = 1024;

  private static final int PUBLISHED_BLOCKS = 24;

  private static final ImmutableMap<String, String> OUTSIDE_BLOCKS =
      ImmutableMap.of(
          FIRST,
          "text_model.embeddings.token_embedding.weight",
          "positional_embedding",
          "text_model.embeddings.position_embedding.weight",
          "ln_final.weight",
          LAST + "weight",
          "ln_final.bias",
          LAST + "bias");

  private static final Renaming IN_LAYER = ModelScopeNames.IN_TEXT_LAYER.inverse();

  private final int layers;

  private OpenClipKeys(int layers) {
    this.layers = layers;
  }

  /** Whether the names are those of open_clip. */
  static boolean isOriginal(TensorFiles files) {
    return files.names().containsAll(Set.of(FIRST, "positional_embedding"));
  }

  /**
   * Shows the weights of the text half under transformers' names.
   *
   * @throws CheckpointException if two tensors would have one name
   */
  static TensorFiles forTransformers(TensorFiles files) {
    int blocks =
        1
            + files.names().stream()
                .map(BLOCK::matcher)
                .filter(Matcher::matches)
                .mapToInt(block -> Integer.parseInt(block.group(1)))
                .max()
                .orElse(0);
    return files.seenThrough(new OpenClipKeys(layersUsed(files, blocks))::show);
  }

  /** A file of ViT-H-14 with 23 blocks was saved without the last one already. */
  private static int layersUsed(TensorFiles files, int blocks) {
    boolean shortened =
        blocks == PUBLISHED_BLOCKS - 1
            && files.names().contains(FIRST)
            && files.shape(FIRST).contains(PUBLISHED_WIDTH);
    return shortened ? blocks : blocks - 1;
  }

  private void show(String name, TensorEntry entry, BiConsumer<String, TensorEntry> shown) {
    if (name.startsWith("visual.") || UNUSED.contains(name)) {
      return;
    }
    Matcher block = BLOCK.matcher(name);
    if (!block.matches()) {
      shown.accept(OUTSIDE_BLOCKS.getOrDefault(name, name), entry);
    } else if (Integer.parseInt(block.group(1)) < layers) {
      showInBlock(
          "text_model.encoder.layers." + block.group(1) + ".", block.group(2), entry, shown);
    }
  }

  private static void showInBlock(
      String layer, String name, TensorEntry entry, BiConsumer<String, TensorEntry> shown) {
    Matcher joined = QUERY_KEY_VALUE.matcher(name);
    if (joined.matches() && !entry.shape().isEmpty() && entry.shape().get(0) % 3 == 0) {
      long rows = entry.shape().get(0) / 3;
      String kind = "_proj." + joined.group(1);
      shown.accept(layer + "self_attn.q" + kind, entry.rows(0, rows));
      shown.accept(layer + "self_attn.k" + kind, entry.rows(rows, rows));
      shown.accept(layer + "self_attn.v" + kind, entry.rows(2 * rows, rows));
      return;
    }
    shown.accept(layer + IN_LAYER.of(name).orElse(name), entry);
  }
}
