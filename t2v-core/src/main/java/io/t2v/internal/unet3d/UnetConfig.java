package io.t2v.internal.unet3d;

import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.weights.Weights;
import io.t2v.unet.LatentSize;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The options of a {@code UNet3DConditionModel}, by the reference's names and with its defaults.
 *
 * @param sampleSize height and width of the latents it was trained on
 * @param inChannels channels of the latents
 * @param outChannels channels of a prediction
 * @param downBlockTypes from the outermost block inwards
 * @param upBlockTypes from the innermost block outwards
 * @param blockOutChannels channels of each level, from the outermost inwards
 * @param layersPerBlock layers of a level of the down path; one of the up path has one more
 * @param downsamplePadding zeros around the input of a downsampling convolution; 0 means one row
 *     and one column at the far edges
 * @param midBlockScaleFactor divisor of the output of the middle block's residual layers
 * @param activation of residual layers and of the timestep's embedding
 * @param normGroups groups of every group normalisation
 * @param normEpsilon of the residual layers and of the last normalisation
 * @param crossAttentionDim width of the text embeddings
 * @param headDims width of an attention head at each level
 * @param timeCondProjDim width of the timestep's condition, or 0 for none
 */
record UnetConfig(
    Optional<LatentSize> sampleSize,
    int inChannels,
    int outChannels,
    List<String> downBlockTypes,
    List<String> upBlockTypes,
    List<Integer> blockOutChannels,
    int layersPerBlock,
    int downsamplePadding,
    double midBlockScaleFactor,
    Activation activation,
    int normGroups,
    double normEpsilon,
    int crossAttentionDim,
    List<Integer> headDims,
    int timeCondProjDim) {
  private static final int MIN_CONDITION = 4;

  static final String CROSS_ATTENTION_DOWN = "CrossAttnDownBlock3D";
  static final String PLAIN_DOWN = "DownBlock3D";
  static final String CROSS_ATTENTION_UP = "CrossAttnUpBlock3D";
  static final String PLAIN_UP = "UpBlock3D";

  /**
   * Reads and checks the options.
   *
   * @throws io.t2v.checkpoint.CheckpointException if an option is of the wrong type, contradicts
   *     another, or is unknown
   */
  static UnetConfig read(JsonConfig json) {
    if (json.has("num_attention_heads")) {
      throw json.unexpected(
          "num_attention_heads",
          "null: the reference refuses it as well, use attention_head_dim (width of a head)");
    }
    List<Integer> channels = json.positives("block_out_channels", List.of(320, 640, 1280, 1280));
    UnetConfig config =
        new UnetConfig(
            sampleSize(json),
            json.positive("in_channels", 4),
            json.positive("out_channels", 4),
            json.texts(
                "down_block_types",
                List.of(
                    CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN, PLAIN_DOWN)),
            json.texts(
                "up_block_types",
                List.of(PLAIN_UP, CROSS_ATTENTION_UP, CROSS_ATTENTION_UP, CROSS_ATTENTION_UP)),
            channels,
            json.positive("layers_per_block", 2),
            json.nonNegative("downsample_padding", 1),
            json.number("mid_block_scale_factor", 1),
            Activation.read(json, "act_fn", "silu"),
            json.positive("norm_num_groups", 32),
            json.number("norm_eps", 1e-5),
            json.positive("cross_attention_dim", 1024),
            headDims(json, channels.size()),
            json.has("time_cond_proj_dim") ? json.positive("time_cond_proj_dim", 1) : 0);
    config.check(json);
    json.ignore(Set.of("_class_name", "_diffusers_version"));
    json.requireAllRead();
    return config;
  }

  private static Optional<LatentSize> sampleSize(JsonConfig json) {
    if (!json.has("sample_size")) {
      return Optional.empty();
    }
    if (json.raw("sample_size") instanceof List<?> list) {
      List<Integer> size = json.positives("sample_size", List.of());
      if (list.size() != 2) {
        throw json.unexpected("sample_size", "one number, or height and width");
      }
      return Optional.of(new LatentSize(size.get(0), size.get(1)));
    }
    int edge = json.positive("sample_size", 1);
    return Optional.of(new LatentSize(edge, edge));
  }

  private static List<Integer> headDims(JsonConfig json, int levels) {
    if (json.raw("attention_head_dim") instanceof List<?>) {
      return json.positives("attention_head_dim", List.of());
    }
    return Collections.nCopies(levels, json.positive("attention_head_dim", 64));
  }

  private void check(JsonConfig json) {
    int levels = blockOutChannels.size();
    requireLevels(json, "down_block_types", downBlockTypes, levels);
    requireLevels(json, "up_block_types", upBlockTypes, levels);
    requireLevels(json, "attention_head_dim", headDims, levels);
    if (!Set.of(CROSS_ATTENTION_DOWN, PLAIN_DOWN).containsAll(downBlockTypes)) {
      throw json.unexpected(
          "down_block_types", "only " + CROSS_ATTENTION_DOWN + " and " + PLAIN_DOWN);
    }
    if (!Set.of(CROSS_ATTENTION_UP, PLAIN_UP).containsAll(upBlockTypes)) {
      throw json.unexpected("up_block_types", "only " + CROSS_ATTENTION_UP + " and " + PLAIN_UP);
    }
    for (int i = 0; i < levels; i++) {
      int channels = blockOutChannels.get(i);
      if (channels % normGroups != 0) {
        throw json.unexpected("block_out_channels", "multiples of norm_num_groups = " + normGroups);
      }
      if (headDims.get(i) > channels) {
        throw json.unexpected(
            "attention_head_dim",
            "at most the level's channels, " + channels + ": it is the width of one head");
      }
    }
    if (blockOutChannels.get(0) % 2 != 0) {
      throw json.unexpected("block_out_channels", "an even first number, for the timestep's sines");
    }
    if (timeCondProjDim > 0 && timeCondProjDim < MIN_CONDITION) {
      throw json.unexpected(
          "time_cond_proj_dim", "at least " + MIN_CONDITION + ", for the guidance scale's sines");
    }
    if (normEpsilon < 0) {
      throw json.unexpected("norm_eps", "a number of at least 0");
    }
    if (midBlockScaleFactor == 0) {
      throw json.unexpected("mid_block_scale_factor", "a number other than 0");
    }
  }

  private static void requireLevels(JsonConfig json, String name, List<?> list, int levels) {
    if (list.size() != levels) {
      throw json.unexpected(name, "as many entries as block_out_channels has: " + levels);
    }
  }

  int timeEmbeddingDim() {
    return 4 * blockOutChannels.get(0);
  }

  int levels() {
    return blockOutChannels.size();
  }

  /** level: from the outermost one. */
  int channels(int level) {
    return blockOutChannels.get(level);
  }

  GroupNorm norm(Weights weights, long channels) {
    return GroupNorm.load(weights, channels, normGroups, normEpsilon);
  }

  /**
   * What the convolutions of a level spend. The innermost of several levels has half of all
   * convolution weights, but does a sixteenth of the work: twice the memory would save little time.
   */
  TradeOff tradeOff(int level) {
    return level > 0 && level == levels() - 1 ? TradeOff.MEMORY : TradeOff.SPEED;
  }
}
