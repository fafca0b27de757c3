package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The names of ModelScope's UNetSD, and what diffusers' UNet3DConditionModel calls the same
 * parameters.
 *
 * <p>UNetSD numbers its blocks through. Where a level ends is seen by the names themselves: with a
 * block that samples down ({@code op}), or with a convolution after sampling up ({@code conv}). A
 * block's {@code .0} is its residual layer, {@code .1} the spatial and {@code .2} the temporal
 * attention; the convolution over frames is spelt {@code temopral_conv}.
 */
final class UnetSdKeys {
  private static final String FIRST = "input_blocks.0.0.weight";
  private static final String AVERAGED = "model_ema.";
  private static final String FRAMES_CONVOLUTION = "temopral_conv.";

  private static final Pattern BLOCK =
      Pattern.compile("(input_blocks|middle_block|output_blocks)\\.(\\d+)\\.(?:(\\d+)\\.)?(.+)");

  private static final ImmutableMap<String, String> OUTSIDE_BLOCKS =
      ImmutableMap.of(
          "time_embed.0.", "time_embedding.linear_1.",
          "time_embed.2.", "time_embedding.linear_2.",
          "input_blocks.0.0.", "conv_in.",
          "input_blocks.0.1.", "transformer_in.",
          "out.0.", "conv_norm_out.",
          "out.2.", "conv_out.");

  private static final ImmutableMap<String, String> IN_RESIDUAL_LAYER =
      ImmutableMap.of(
          "in_layers.0.", "norm1.",
          "in_layers.2.", "conv1.",
          "emb_layers.1.", "time_emb_proj.",
          "out_layers.0.", "norm2.",
          "out_layers.3.", "conv2.",
          "skip_connection.", "conv_shortcut.");

  private final List<Place> inputs;
  private final List<Place> outputs;

  /** Where a numbered block belongs: a level from the way's beginning, a layer in the level. */
  private record Place(int level, int layer) {}

  private UnetSdKeys(Set<String> names) {
    inputs = places(names, "input_blocks", 1, List.of("op"));
    outputs = places(names, "output_blocks", 0, List.of("1.conv", "2.conv", "3.conv"));
  }

  /** The places of all blocks of one way. A block with a sampler is the last of its level. */
  private static List<Place> places(
      Set<String> names, String way, int first, List<String> samplers) {
    int count = 1 + lastNumber(names, way);
    List<Place> places = new ArrayList<>();
    int level = 0;
    int layer = 0;
    for (int number = 0; number < count; number++) {
      String block = way + "." + number + ".";
      places.add(new Place(level, layer));
      if (samplers.stream().anyMatch(sampler -> names.contains(block + sampler + ".weight"))) {
        level++;
        layer = 0;
      } else if (number >= first) {
        layer++;
      }
    }
    return places;
  }

  private static int lastNumber(Set<String> names, String way) {
    return names.stream()
        .map(BLOCK::matcher)
        .filter(Matcher::matches)
        .filter(block -> block.group(1).equals(way) && block.group(2).length() <= 4)
        .flatMapToInt(block -> IntStream.of(Integer.parseInt(block.group(2))))
        .max()
        .orElse(-1);
  }

  /**
   * Shows the weights under diffusers' names, whichever they have.
   *
   * @throws CheckpointException if two tensors would have one name
   */
  static TensorFiles forDiffusers(TensorFiles files) {
    return isOriginal(files) ? inDiffusersNames(plain(files)) : files;
  }

  /**
   * Shows the moving average of the weights that some training checkpoints hold beside the last
   * ones, under diffusers' names.
   *
   * @throws CheckpointException if there is none, or it is incomplete
   */
  static TensorFiles averagedForDiffusers(TensorFiles files) {
    Map<String, String> names = new HashMap<>();
    plain(files).names().forEach(name -> names.put(withoutDots(name), name));
    TensorFiles averaged =
        files.renamed(
            name -> {
              int start = name.indexOf(AVERAGED);
              return start < 0
                  ? null
                  : names.get(withoutDots(name.substring(start + AVERAGED.length())));
            });
    for (String name : names.values()) {
      if (!averaged.names().contains(name)) {
        throw new CheckpointException(
            files
                + " has no averaged weights for "
                + name
                + ", expected a name that begins with "
                + AVERAGED
                + ". Open the checkpoint without the variant ema.");
      }
    }
    return inDiffusersNames(averaged);
  }

  /** The average is kept under names whose dots are removed. */
  private static String withoutDots(String name) {
    String joined = name.replace(".", "");
    return joined.startsWith("diffusion_model")
        ? joined.substring("diffusion_model".length())
        : joined;
  }

  /** Whether the names are those of UNetSD, with any prefix. */
  static boolean isOriginal(TensorFiles files) {
    return prefix(files) != null;
  }

  /** A file with a prefix is a training checkpoint: what has another prefix is not the UNet's. */
  private static TensorFiles plain(TensorFiles files) {
    String prefix = prefix(files);
    if (prefix == null) {
      return files;
    }
    return files.renamed(
        name ->
            name.startsWith(prefix) && !name.startsWith(AVERAGED)
                ? name.substring(prefix.length())
                : null);
  }

  private static @Nullable String prefix(TensorFiles files) {
    return files.names().stream()
        .filter(name -> name.equals(FIRST) || name.endsWith("." + FIRST))
        .filter(name -> !name.contains(AVERAGED))
        .map(name -> name.substring(0, name.length() - FIRST.length()))
        .findFirst()
        .orElse(null);
  }

  private static TensorFiles inDiffusersNames(TensorFiles files) {
    return files.renamed(new UnetSdKeys(files.names())::diffusersName);
  }

  /** A name that UNetSD does not have stays as it is, for the error about surplus tensors. */
  private String diffusersName(String name) {
    for (Map.Entry<String, String> outside : OUTSIDE_BLOCKS.entrySet()) {
      if (name.startsWith(outside.getKey())) {
        return outside.getValue() + name.substring(outside.getKey().length());
      }
    }
    Matcher block = BLOCK.matcher(name);
    if (!block.matches() || block.group(2).length() > 4) {
      return name;
    }
    int number = Integer.parseInt(block.group(2));
    String rest = block.group(4);
    return switch (block.group(1)) {
      case "input_blocks" -> inputName(inputs.get(number), block.group(3), rest);
      case "output_blocks" -> outputName(outputs.get(number), block.group(3), rest);
      default -> middleName(name, number, rest);
    };
  }

  private static String inputName(Place place, @Nullable String part, String rest) {
    String level = "down_blocks." + place.level();
    return part == null
        ? level + ".downsamplers.0." + replaced(rest, "op.", "conv.")
        : partName(level, place.layer(), part, rest);
  }

  private static String outputName(Place place, @Nullable String part, String rest) {
    String level = "up_blocks." + place.level();
    return rest.startsWith("conv.")
        ? level + ".upsamplers.0." + rest
        : partName(level, place.layer(), String.valueOf(part), rest);
  }

  private static String middleName(String name, int number, String rest) {
    return switch (number) {
      case 0 -> partName("mid_block", 0, "0", rest);
      case 1, 2 -> partName("mid_block", 0, String.valueOf(number), rest);
      case 3 -> partName("mid_block", 1, "0", rest);
      default -> name;
    };
  }

  private static String partName(String level, int layer, String part, String rest) {
    return switch (part) {
      case "0" -> residualName(level, layer, rest);
      case "1" -> level + ".attentions." + layer + "." + rest;
      case "2" -> level + ".temp_attentions." + layer + "." + rest;
      default -> level + "." + layer + "." + part + "." + rest;
    };
  }

  private static String residualName(String level, int layer, String rest) {
    if (rest.startsWith(FRAMES_CONVOLUTION)) {
      return level + ".temp_convs." + layer + "." + rest.substring(FRAMES_CONVOLUTION.length());
    }
    String inLayer = rest;
    for (Map.Entry<String, String> part : IN_RESIDUAL_LAYER.entrySet()) {
      inLayer = replaced(inLayer, part.getKey(), part.getValue());
    }
    return level + ".resnets." + layer + "." + inLayer;
  }

  private static String replaced(String name, String start, String replacement) {
    return name.startsWith(start) ? replacement + name.substring(start.length()) : name;
  }
}
