package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.WeightFileNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * ModelScope's {@code configuration.json}. Of {@code model_args} and {@code model_cfg} every field
 * is taken, or refused by its name.
 *
 * @param unetFile name of the file with the UNet's weights
 * @param textFile name of the file with open_clip's weights
 * @param autoencoderFile name of the file with the autoencoder's weights
 * @param frames number of frames of a video
 * @param trainTimesteps steps of the noise schedule
 * @param unet options of a UNet3DConditionModel
 */
record ModelScopeConfig(
    String unetFile,
    String textFile,
    String autoencoderFile,
    int frames,
    int trainTimesteps,
    ImmutableMap<String, Object> unet) {
  static final String FILE = WeightFileNames.MODEL_SCOPE_CONFIGURATION;
  static final int DEFAULT_FRAMES = 16;
  static final int DEFAULT_TRAIN_TIMESTEPS = 1000;

  private static final String MODEL_TYPE = "latent-text-to-video-synthesis";

  /**
   * Reads and checks the file.
   *
   * @throws CheckpointException if a field is of the wrong type, unknown, or asks for what neither
   *     ModelScope's model nor this library computes
   */
  static ModelScopeConfig read(Path file) {
    JsonConfig model = part(JsonConfig.read(file), "model");
    if (!model.text("type", "").equals(MODEL_TYPE)) {
      throw model.unexpected("type", MODEL_TYPE + "; other models are not supported");
    }
    JsonConfig args = part(model, "model_args");
    JsonConfig cfg = part(model, "model_cfg");
    ModelScopeConfig config =
        new ModelScopeConfig(
            fileName(args, "ckpt_unet"),
            fileName(args, "ckpt_clip"),
            fileName(args, "ckpt_autoencoder"),
            args.positive("max_frames", DEFAULT_FRAMES),
            cfg.positive("num_timesteps", DEFAULT_TRAIN_TIMESTEPS),
            unet(cfg));
    // Where the weights lie between two uses; here that is the host's to say.
    args.ignore(Set.of("tiny_gpu"));
    args.requireAllRead();
    // Training, and a width that UNetSD takes but does not use.
    cfg.ignore(Set.of("loss_type", "unet_dropout", "unet_y_dim"));
    cfg.requireAllRead();
    return config;
  }

  private static JsonConfig part(JsonConfig whole, String name) {
    if (!(whole.raw(name) instanceof Map<?, ?> fields)) {
      throw whole.unexpected(name, "an object, as in ModelScope's text-to-video models");
    }
    ImmutableMap.Builder<String, Object> present = ImmutableMap.builder();
    fields.forEach(
        (key, value) -> {
          if (value != null) {
            present.put((String) key, value);
          }
        });
    return JsonConfig.of(whole.origin() + ", " + name, present.buildOrThrow());
  }

  /** A name, and no path that could lead elsewhere. */
  private static String fileName(JsonConfig args, String field) {
    String name = args.text(field, "");
    if (!TensorFiles.isFileName(name)) {
      throw args.unexpected(field, "the name of a file beside it");
    }
    return name;
  }

  private static ImmutableMap<String, Object> unet(JsonConfig cfg) {
    require(cfg, "temporal_attention", "True", "\"True\": ModelScope takes all else as no");
    require(cfg, "mean_type", "eps", "eps, the only one that ModelScope's sampler has");
    require(
        cfg, "var_type", "fixed_small", "fixed_small, the only one that ModelScope's sampler has");
    int width = cfg.positive("unet_dim", 320);
    int headWidth = cfg.positive("unet_head_dim", 64);
    requireFirstHeads(cfg, width);
    List<Integer> channels =
        cfg.positives("unet_dim_mult", List.of(1, 2, 4, 4)).stream()
            .map(times -> Ints.saturatedCast((long) times * width))
            .toList();
    if (channels.stream().anyMatch(count -> count % headWidth != 0)) {
      throw cfg.unexpected("unet_head_dim", "a divisor of all channels, " + channels);
    }
    return ImmutableMap.<String, Object>builder()
        .putAll(InferredConfig.unetCommon(attends(cfg, channels.size())))
        .put("in_channels", cfg.positive("unet_in_dim", 4))
        .put("out_channels", cfg.positive("unet_out_dim", 4))
        .put("block_out_channels", channels)
        .put("layers_per_block", cfg.positive("unet_res_blocks", 2))
        .put("cross_attention_dim", cfg.positive("unet_context_dim", 1024))
        .put("attention_head_dim", headWidth)
        .buildOrThrow();
  }

  private static void require(JsonConfig cfg, String field, String only, String expected) {
    if (!(cfg.raw(field) instanceof String value) || !value.equals(only)) {
      throw cfg.unexpected(field, expected);
    }
  }

  /**
   * Heads of the first temporal attention; if none are given, ModelScope takes 32 channels each.
   */
  private static void requireFirstHeads(JsonConfig cfg, int width) {
    int heads = cfg.nonNegative("unet_num_heads", 0);
    if ((heads == 0 ? width / 32 : heads) != InferredConfig.FIRST_HEADS) {
      throw cfg.unexpected("unet_num_heads", String.valueOf(InferredConfig.FIRST_HEADS));
    }
  }

  /** A level attends to the text if its scale, 1 for the outermost, is in the list. */
  private static List<Boolean> attends(JsonConfig cfg, int levels) {
    @Nullable Object value = cfg.raw("unet_attn_scales");
    List<Double> scales = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof Number number) {
          scales.add(number.doubleValue());
        }
      }
    }
    if (!(value instanceof List<?> list) || scales.size() != list.size()) {
      throw cfg.unexpected("unet_attn_scales", "a list of numbers, such as [1, 0.5, 0.25]");
    }
    List<Boolean> attends = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      attends.add(scales.contains(Math.scalb(1.0, -level)));
    }
    return attends;
  }
}
