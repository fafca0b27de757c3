package io.t2v.internal.adapter;

import io.t2v.internal.files.ModelScopeNames;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What ModelScope's own networks call the layers of one UNet, and of text encoders. */
final class OriginalNames {
  private static final String DOWN = "down_blocks.";
  private static final String UP = "up_blocks.";

  private static final Pattern BLOCK =
      Pattern.compile("((?:down|up)_blocks\\.\\d{1,4})\\.(\\w+)\\.(\\d{1,4})\\.(.+)");
  private static final Pattern MIDDLE = Pattern.compile("mid_block\\.(\\w+)\\.([01])\\.(.+)");
  private static final Pattern TEXT_LAYER = Pattern.compile("encoder\\.layers\\.(\\d+)\\.(.+)");

  private final Set<String> layers;

  /** The number of each level's first block, by "down_blocks.0", "up_blocks.2". */
  private final Map<String, Integer> firstBlocks = new HashMap<>();

  /** layers: all of the UNet, by diffusers' names. */
  OriginalNames(Set<String> layers) {
    this.layers = layers;
    number(DOWN, 1); // behind the first convolution
    number(UP, 0);
  }

  private void number(String path, int first) {
    int next = first;
    for (int level = 0; residualLayers(path + level) > 0; level++) {
      firstBlocks.put(path + level, next);
      next += residualLayers(path + level);
      if (layers.contains(path + level + ".downsamplers.0.conv")) {
        next++;
      }
    }
  }

  private int residualLayers(String level) {
    int count = 0;
    while (layers.contains(level + ".resnets." + count + ".conv1")) {
      count++;
    }
    return count;
  }

  /** The UNet's own name of a layer; the same name where there is no other. */
  String ofUnet(String layer) {
    Matcher middle = MIDDLE.matcher(layer);
    if (middle.matches()) {
      return ModelScopeNames.IN_BLOCK
          .of(middle.group(1) + "." + middle.group(3))
          .map(name -> inMiddle(name, middle.group(2)))
          .orElse(layer);
    }
    Matcher block = BLOCK.matcher(layer);
    if (block.matches() && firstBlocks.containsKey(block.group(1))) {
      return inLevel(block);
    }
    return ModelScopeNames.OUTSIDE_BLOCKS.of(layer).orElse(layer);
  }

  /** The middle is a residual layer, both kinds of attention, and another residual layer. */
  private static String inMiddle(String name, String index) {
    return "middle_block." + (index.equals("1") ? name.replaceFirst("^0", "3") : name);
  }

  private String inLevel(Matcher layer) {
    String level = layer.group(1);
    String kind = layer.group(2);
    String rest = layer.group(4);
    int first = firstBlocks.getOrDefault(level, 0);
    int last = first + residualLayers(level) - 1;
    String blocks = level.startsWith(DOWN) ? "input_blocks." : "output_blocks.";
    return switch (kind) {
      case "downsamplers" -> blocks + (last + 1) + ".op";
      case "upsamplers" -> {
        boolean attends = layers.contains(level + ".attentions.0.proj_in");
        yield blocks + last + (attends ? ".3." : ".1.") + rest;
      }
      default ->
          ModelScopeNames.IN_BLOCK
              .of(kind + "." + rest)
              .map(name -> blocks + (first + Integer.parseInt(layer.group(3))) + "." + name)
              .orElse(layer.group());
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
    Matcher inLayer = TEXT_LAYER.matcher(layer);
    return inLayer.matches()
        ? "resblocks."
            + inLayer.group(1)
            + "."
            + ModelScopeNames.IN_TEXT_LAYER.of(inLayer.group(2)).orElse(inLayer.group(2))
        : layer;
  }
}
