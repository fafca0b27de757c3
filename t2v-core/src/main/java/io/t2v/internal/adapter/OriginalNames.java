package io.t2v.internal.adapter;

import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What ModelScope's own networks, UNetSD and open_clip's text half, call layers of diffusers' UNet
 * and of transformers' text encoder.
 *
 * <p>UNetSD numbers its blocks through: each residual layer is a block, with the attention behind
 * it, and so is each layer that samples down. One that samples up belongs to the block before it.
 */
final class OriginalNames {
  private static final Pattern BLOCK =
      Pattern.compile("(down|up)_blocks\\.(\\d{1,4})\\.(\\w+)\\.(\\d{1,4})\\.(.+)");
  private static final Pattern MIDDLE = Pattern.compile("mid_block\\.(\\w+)\\.([01])\\.(.+)");
  private static final Pattern TEXT_LAYER = Pattern.compile("encoder\\.layers\\.(\\d+)\\.(.+)");

  private static final ImmutableMap<String, String> OUTSIDE_BLOCKS =
      ImmutableMap.of(
          "conv_in", "input_blocks.0.0",
          "time_embedding.linear_1", "time_embed.0",
          "time_embedding.linear_2", "time_embed.2",
          "conv_out", "out.2");

  private static final ImmutableMap<String, String> IN_RESIDUAL_LAYER =
      ImmutableMap.of(
          "conv1", "in_layers.2",
          "time_emb_proj", "emb_layers.1",
          "conv2", "out_layers.3",
          "conv_shortcut", "skip_connection");

  private static final ImmutableMap<String, String> IN_TEXT_LAYER =
      ImmutableMap.of(
          "self_attn.q_proj", "attn.q_proj",
          "self_attn.k_proj", "attn.k_proj",
          "self_attn.v_proj", "attn.v_proj",
          "self_attn.out_proj", "attn.out_proj",
          "mlp.fc1", "mlp.c_fc",
          "mlp.fc2", "mlp.c_proj");

  private final Set<String> layers;

  /** The first number of each level, by "down.0", "up.2". */
  private final Map<String, Integer> starts = new HashMap<>();

  /** layers: all of the UNet, by diffusers' names. */
  OriginalNames(Set<String> layers) {
    this.layers = layers;
    number("down", 1);
    number("up", 0);
  }

  private void number(String way, int first) {
    int next = first;
    for (int level = 0; residualLayers(way, level) > 0; level++) {
      starts.put(way + "." + level, next);
      next += residualLayers(way, level);
      if (layers.contains("down_blocks." + level + ".downsamplers.0.conv") && way.equals("down")) {
        next++;
      }
    }
  }

  private int residualLayers(String way, int level) {
    int count = 0;
    while (layers.contains(way + "_blocks." + level + ".resnets." + count + ".conv1")) {
      count++;
    }
    return count;
  }

  /** The UNet's own name of a layer; the same name where there is no other. */
  String ofUnet(String layer) {
    if (layer.startsWith("transformer_in.")) {
      return "input_blocks.0.1." + layer.substring("transformer_in.".length());
    }
    Matcher middle = MIDDLE.matcher(layer);
    if (middle.matches()) {
      return "middle_block." + inMiddle(middle.group(1), middle.group(2), middle.group(3));
    }
    Matcher block = BLOCK.matcher(layer);
    Integer start = block.matches() ? starts.get(block.group(1) + "." + block.group(2)) : null;
    return start == null
        ? OUTSIDE_BLOCKS.getOrDefault(layer, layer)
        : inLevel(
            block.group(1) + "_blocks." + block.group(2),
            start,
            block.group(3),
            Integer.parseInt(block.group(4)),
            block.group(5));
  }

  private String inLevel(String level, int start, String kind, int index, String rest) {
    String way = level.startsWith("down") ? "input_blocks." : "output_blocks.";
    int count = residualLayers(level.startsWith("down") ? "down" : "up", levelOf(level));
    return switch (kind) {
      case "downsamplers" -> way + (start + count) + ".op";
      case "upsamplers" -> {
        boolean attends = layers.contains(level + ".attentions.0.proj_in");
        yield way + (start + count - 1) + (attends ? ".3." : ".1.") + rest;
      }
      default -> way + (start + index) + "." + inBlock(kind, rest);
    };
  }

  private static int levelOf(String level) {
    return Integer.parseInt(level.substring(level.indexOf('.') + 1));
  }

  /** The middle is a residual layer, both kinds of attention, and another residual layer. */
  private static String inMiddle(String kind, String index, String rest) {
    return switch (kind) {
      case "attentions" -> "1." + rest;
      case "temp_attentions" -> "2." + rest;
      default -> (index.equals("0") ? "0." : "3.") + inBlock(kind, rest).substring("0.".length());
    };
  }

  private static String inBlock(String kind, String rest) {
    return switch (kind) {
      case "resnets" -> "0." + IN_RESIDUAL_LAYER.getOrDefault(rest, rest);
      case "temp_convs" -> "0.temopral_conv." + rest;
      case "attentions" -> "1." + rest;
      case "temp_attentions" -> "2." + rest;
      default -> kind + "." + rest;
    };
  }

  /** open_clip's name of a layer of the text encoder, without {@code text_model.}. */
  static String ofText(String layer) {
    if (layer.equals("embeddings.token_embedding")) {
      return "token_embedding";
    }
    if (layer.equals("embeddings.position_embedding")) {
      return "positional_embedding";
    }
    Matcher matcher = TEXT_LAYER.matcher(layer);
    return matcher.matches()
        ? "resblocks."
            + matcher.group(1)
            + "."
            + IN_TEXT_LAYER.getOrDefault(matcher.group(2), matcher.group(2))
        : layer;
  }
}
