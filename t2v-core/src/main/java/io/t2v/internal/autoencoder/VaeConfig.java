package io.t2v.internal.autoencoder;

import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.weights.Weights;
import java.util.List;
import java.util.Set;

/**
 * The options of an {@code AutoencoderKL}, by the reference's names and with its defaults.
 *
 * @param inChannels channels of images to encode
 * @param outChannels channels of decoded images
 * @param blockOutChannels channels of each level, from the outermost inwards
 * @param layersPerBlock residual layers in a level of the encoder; one of the decoder has one more
 * @param activation of residual layers
 * @param latentChannels channels of the latents
 * @param normGroups groups of every group normalisation
 * @param sampleSize edge of the images that it was trained on, in pixels
 * @param scalingFactor factor from encoded latents to those of the denoiser
 * @param quantConv whether the encoder ends with a 1 × 1 convolution
 * @param postQuantConv whether the decoder begins with a 1 × 1 convolution
 * @param midAttention whether the middle blocks have attention
 */
public record VaeConfig(
    int inChannels,
    int outChannels,
    List<Integer> blockOutChannels,
    int layersPerBlock,
    Activation activation,
    int latentChannels,
    int normGroups,
    int sampleSize,
    double scalingFactor,
    boolean quantConv,
    boolean postQuantConv,
    boolean midAttention) {
  /** Of every normalisation; no option of the reference, which fixes it in its code. */
  private static final double EPSILON = 1e-6;

  private static final String DOWN = "DownEncoderBlock2D";
  private static final String UP = "UpDecoderBlock2D";

  /**
   * Reads and checks the options.
   *
   * @throws io.t2v.checkpoint.CheckpointException if an option is of the wrong type, contradicts
   *     another, or is unknown
   */
  public static VaeConfig read(JsonConfig json) {
    List<Integer> channels = json.positives("block_out_channels", List.of(64));
    requireBlocks(json, "down_block_types", DOWN, channels.size());
    requireBlocks(json, "up_block_types", UP, channels.size());
    VaeConfig config =
        new VaeConfig(
            json.positive("in_channels", 3),
            json.positive("out_channels", 3),
            channels,
            json.positive("layers_per_block", 1),
            Activation.read(json, "act_fn", "silu"),
            json.positive("latent_channels", 4),
            json.positive("norm_num_groups", 32),
            sampleSize(json),
            json.number("scaling_factor", 0.18215),
            json.flag("use_quant_conv", true),
            json.flag("use_post_quant_conv", true),
            json.flag("mid_block_add_attention", true));
    config.check(json);
    // The reference's text-to-video pipelines scale latents by scaling_factor alone, and compute in
    // the type of the weights whatever force_upcast says.
    json.ignore(Set.of("shift_factor", "latents_mean", "latents_std", "force_upcast"));
    json.ignore(Set.of("_class_name", "_diffusers_version"));
    json.requireAllRead();
    return config;
  }

  private static int sampleSize(JsonConfig json) {
    return json.raw("sample_size") instanceof List<?>
        ? json.positives("sample_size", List.of()).get(0)
        : json.positive("sample_size", 32);
  }

  private static void requireBlocks(JsonConfig json, String name, String type, int levels) {
    List<String> types = json.texts(name, List.of(type));
    if (types.size() != levels) {
      throw json.unexpected(name, "as many entries as block_out_channels has: " + levels);
    }
    if (!Set.of(type).containsAll(types)) {
      throw json.unexpected(name, "only " + type);
    }
  }

  private void check(JsonConfig json) {
    for (int channels : blockOutChannels) {
      if (channels % normGroups != 0) {
        throw json.unexpected("block_out_channels", "multiples of norm_num_groups = " + normGroups);
      }
    }
    if (inChannels != 3) {
      throw json.unexpected("in_channels", "3: red, green and blue");
    }
    if (outChannels != 3) {
      throw json.unexpected("out_channels", "3: red, green and blue");
    }
    if (scalingFactor == 0) {
      throw json.unexpected("scaling_factor", "a number other than 0");
    }
  }

  GroupNorm norm(Weights weights, long channels) {
    return GroupNorm.load(weights, channels, normGroups, EPSILON);
  }

  public int levels() {
    return blockOutChannels.size();
  }

  /** Pixels of an image for one pixel of the latents, in each direction. */
  public int scaleFactor() {
    return 1 << (levels() - 1);
  }

  public int innermostChannels() {
    return blockOutChannels.get(levels() - 1);
  }
}
