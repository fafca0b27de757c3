package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the diffusers' names of the tensors in a file of ModelScope's UNetSD.
 *
 * <p>Where a level ends is seen by the names themselves: with a block that samples down ({@code
 * op}), or with a convolution after sampling up ({@code conv}).
 */
final class UnetSdKeys {
  private static final String FIRST = "input_blocks.0.0.weight";
  private static final String AVERAGED = "model_ema.";

  private static final Pattern BLOCK =
      Pattern.compile("(input_blocks|middle_block|output_blocks)\\.(\\d{1,4})\\.(.+)");
  private static final Pattern SAMPLES_UP = Pattern.compile("[123]\\.(conv\\..+)");

  private static final Renaming OUTSIDE_BLOCKS = ModelScopeNames.OUTSIDE_BLOCKS.inverse();
  private static final Renaming IN_BLOCK = ModelScopeNames.IN_BLOCK.inverse();

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
        .filter(block -> block.group(1).equals(way))
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
    Matcher block = BLOCK.matcher(name);
    return OUTSIDE_BLOCKS
        .of(name)
        .or(() -> block.matches() ? nameInBlock(block) : Optional.empty())
        .orElse(name);
  }

  private Optional<String> nameInBlock(Matcher block) {
    int number = Integer.parseInt(block.group(2));
    String rest = block.group(3);
    return switch (block.group(1)) {
      case "input_blocks" -> inputName(inputs.get(number), rest);
      case "output_blocks" -> outputName(outputs.get(number), rest);
      default -> middleName(number, rest);
    };
  }

  private static Optional<String> inputName(Place place, String name) {
    String level = "down_blocks." + place.level();
    return name.startsWith("op.")
        ? Optional.of(level + ".downsamplers.0.conv." + name.substring("op.".length()))
        : layerName(level, place.layer(), name);
  }

  private static Optional<String> outputName(Place place, String name) {
    String level = "up_blocks." + place.level();
    Matcher sampler = SAMPLES_UP.matcher(name);
    return sampler.matches()
        ? Optional.of(level + ".upsamplers.0." + sampler.group(1))
        : layerName(level, place.layer(), name);
  }

  /** The middle has no blocks: a number is that of a layer, and 3 the second residual layer. */
  private static Optional<String> middleName(int number, String name) {
    return number == 3
        ? layerName("mid_block", 1, "0." + name)
        : layerName("mid_block", 0, number + "." + name);
  }

  private static Optional<String> layerName(String level, int layer, String name) {
    return IN_BLOCK
        .of(name)
        .map(kindAndRest -> level + "." + kindAndRest.replaceFirst("\\.", "." + layer + "."));
  }
}
