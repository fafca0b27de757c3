package io.t2v.internal.files;

import com.google.common.collect.ImmutableBiMap;
import io.t2v.checkpoint.CheckpointException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of latent diffusion's autoencoder, and what diffusers' AutoencoderKL calls the same
 * parameters. The file is that of a whole model: the autoencoder's names contain {@code
 * first_stage_model.}, and everything else in it is left out.
 */
final class AutoencoderKeys {
  private static final String MARK = "first_stage_model.";
  private static final String FIRST = "decoder.mid.block_1.conv1.weight";

  /** Every autoencoder has it under diffusers' names, and no other network does. */
  private static final String DIFFUSERS_FIRST = "decoder.mid_block.resnets.0.conv1.weight";

  private static final Pattern LEVEL =
      Pattern.compile(
          "(encoder\\.down|decoder\\.up)\\.(\\d{1,4})\\.(?:block\\.(\\d+)|downsample|upsample)\\.(.+)");
  private static final Pattern MIDDLE =
      Pattern.compile("(encoder|decoder)\\.mid\\.(block_1|block_2|attn_1)\\.(.+)");

  private static final Renaming IN_ATTENTION =
      new Renaming(
          ImmutableBiMap.of(
              "norm", "group_norm",
              "q", "to_q",
              "k", "to_k",
              "v", "to_v",
              "proj_out", "to_out.0"));

  private final int levels;

  private AutoencoderKeys(int levels) {
    this.levels = levels;
  }

  /**
   * Shows the autoencoder of a file under diffusers' names, if it has those or latent diffusion's,
   * with any prefix.
   *
   * @throws CheckpointException if there is no autoencoder, or several
   */
  static TensorFiles ofDiffusers(TensorFiles files) {
    if (isOriginal(files)) {
      return forDiffusers(files);
    }
    List<String> prefixes = KeyPrefix.before(DIFFUSERS_FIRST, files);
    if (prefixes.size() != 1) {
      throw new CheckpointException(
          files
              + (prefixes.isEmpty()
                  ? " holds no autoencoder by diffusers' or latent diffusion's names: there is no"
                      + " tensor "
                      + DIFFUSERS_FIRST
                      + "."
                  : " holds more than one autoencoder, under " + prefixes + ": expected one."));
    }
    return KeyPrefix.below(prefixes.get(0), files);
  }

  /** Whether there is an autoencoder, under diffusers' names or latent diffusion's. */
  static boolean isIn(TensorFiles files) {
    return isOriginal(files) || !KeyPrefix.before(DIFFUSERS_FIRST, files).isEmpty();
  }

  /** Whether the names are those of latent diffusion, with any prefix. */
  static boolean isOriginal(TensorFiles files) {
    return files.names().stream().anyMatch(name -> ownName(name).equals(FIRST));
  }

  /**
   * Shows the weights under diffusers' names.
   *
   * @throws CheckpointException if two tensors would have one name
   */
  static TensorFiles forDiffusers(TensorFiles files) {
    boolean marked = files.names().stream().anyMatch(name -> name.contains(MARK));
    TensorFiles own = files.renamed(name -> marked && !name.contains(MARK) ? null : ownName(name));
    int levels =
        1
            + own.names().stream()
                .map(LEVEL::matcher)
                .filter(Matcher::matches)
                .mapToInt(level -> Integer.parseInt(level.group(2)))
                .max()
                .orElse(0);
    return own.renamed(new AutoencoderKeys(levels)::diffusersName);
  }

  private static String ownName(String name) {
    int mark = name.lastIndexOf(MARK);
    return mark < 0 ? name : name.substring(mark + MARK.length());
  }

  /** A name that the autoencoder does not have stays, for the error about surplus tensors. */
  private String diffusersName(String name) {
    Matcher level = LEVEL.matcher(name);
    if (level.matches()) {
      return levelName(level);
    }
    Matcher middle = MIDDLE.matcher(name);
    if (middle.matches()) {
      return middleName(middle);
    }
    return name.replaceFirst("^((?:en|de)coder)\\.norm_out\\.", "$1.conv_norm_out.");
  }

  /** The decoder counts its levels from the outermost inwards, diffusers the other way round. */
  private String levelName(Matcher name) {
    boolean encodes = name.group(1).equals("encoder.down");
    int number = Integer.parseInt(name.group(2));
    String level =
        encodes ? "encoder.down_blocks." + number : "decoder.up_blocks." + (levels - 1 - number);
    if (name.group(3) == null) {
      return level + (encodes ? ".downsamplers.0." : ".upsamplers.0.") + name.group(4);
    }
    return level + ".resnets." + name.group(3) + "." + residualName(name.group(4));
  }

  private static String middleName(Matcher name) {
    String middle = name.group(1) + ".mid_block.";
    String rest = name.group(3);
    return switch (name.group(2)) {
      case "block_1" -> middle + "resnets.0." + residualName(rest);
      case "block_2" -> middle + "resnets.1." + residualName(rest);
      default -> middle + "attentions.0." + IN_ATTENTION.of(rest).orElse(rest);
    };
  }

  private static String residualName(String rest) {
    return rest.startsWith("nin_shortcut.")
        ? "conv_shortcut." + rest.substring("nin_shortcut.".length())
        : rest;
  }
}
