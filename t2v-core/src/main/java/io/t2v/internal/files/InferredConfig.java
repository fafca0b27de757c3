package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import io.t2v.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Options read from the shapes of weights (under diffusers' names), for layouts that have them in
 * their code instead of a file. What no shape tells is what ModelScope's code says.
 */
final class InferredConfig {
  /** Edge of the videos that the model was trained on, in pixels and in latents. */
  private static final int PIXELS = 256;

  private static final int LATENTS = PIXELS / 8;
  private static final int NORM_GROUPS = 32;

  /** {@code transformer_in} has as many heads, whatever their width. */
  static final int FIRST_HEADS = 8;

  /** Width of an attention head in every CLIP. */
  private static final int CLIP_HEAD_WIDTH = 64;

  private final TensorFiles files;

  private InferredConfig(TensorFiles files) {
    this.files = files;
  }

  /** Options of a UNet3DConditionModel. */
  static JsonConfig unet(TensorFiles files) {
    return new InferredConfig(files).unet();
  }

  /** Options of an AutoencoderKL. */
  static JsonConfig vae(TensorFiles files) {
    return new InferredConfig(files).vae();
  }

  /** Options of a CLIPTextModel. */
  static JsonConfig textEncoder(TensorFiles files) {
    return new InferredConfig(files).textEncoder();
  }

  private JsonConfig unet() {
    List<Integer> channels = channels("down_blocks.");
    List<Boolean> attends = new ArrayList<>();
    for (int level = 0; level < channels.size(); level++) {
      attends.add(has("down_blocks." + level + ".attentions.0.norm.weight"));
    }
    return JsonConfig.of(
        origin(),
        ImmutableMap.<String, Object>builder()
            .putAll(unetCommon(attends))
            .put("in_channels", size("conv_in.weight", 1))
            .put("out_channels", size("conv_out.weight", 0))
            .put("block_out_channels", channels)
            .put("layers_per_block", count("down_blocks.0.resnets.", ".conv1.weight"))
            .put(
                "cross_attention_dim",
                size("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", 1))
            .put("attention_head_dim", size("transformer_in.proj_in.weight", 0) / FIRST_HEADS)
            .buildOrThrow());
  }

  /** What every UNet of ModelScope has in common, and which of its levels attend to the text. */
  static ImmutableMap<String, Object> unetCommon(List<Boolean> attends) {
    List<String> down =
        attends.stream().map(text -> text ? "CrossAttnDownBlock3D" : "DownBlock3D").toList();
    List<String> up =
        new ArrayList<>(
            attends.stream().map(text -> text ? "CrossAttnUpBlock3D" : "UpBlock3D").toList());
    Collections.reverse(up);
    return ImmutableMap.of(
        "sample_size", LATENTS,
        "norm_num_groups", NORM_GROUPS,
        "down_block_types", down,
        "up_block_types", List.copyOf(up));
  }

  private JsonConfig vae() {
    List<Integer> channels = channels("encoder.down_blocks.");
    return JsonConfig.of(
        origin(),
        ImmutableMap.<String, Object>builder()
            .put("block_out_channels", channels)
            .put("down_block_types", Collections.nCopies(channels.size(), "DownEncoderBlock2D"))
            .put("up_block_types", Collections.nCopies(channels.size(), "UpDecoderBlock2D"))
            .put("layers_per_block", count("encoder.down_blocks.0.resnets.", ".conv1.weight"))
            .put("latent_channels", size("decoder.conv_in.weight", 1))
            .put("norm_num_groups", NORM_GROUPS)
            .put("sample_size", PIXELS)
            .put("scaling_factor", 0.18215)
            .buildOrThrow());
  }

  private JsonConfig textEncoder() {
    String embeddings = "text_model.embeddings.token_embedding.weight";
    int width = size(embeddings, 1);
    if (width % CLIP_HEAD_WIDTH != 0) {
      throw new CheckpointException(
          files
              + " has text embeddings of width "
              + width
              + ", expected a multiple of "
              + CLIP_HEAD_WIDTH
              + ", the width of an attention head in CLIP.");
    }
    return JsonConfig.of(
        origin(),
        ImmutableMap.<String, Object>builder()
            .put("vocab_size", size(embeddings, 0))
            .put("hidden_size", width)
            .put("intermediate_size", size("text_model.encoder.layers.0.mlp.fc1.weight", 0))
            .put("num_hidden_layers", count("text_model.encoder.layers.", ".mlp.fc1.weight"))
            .put("num_attention_heads", width / CLIP_HEAD_WIDTH)
            .put(
                "max_position_embeddings",
                size("text_model.embeddings.position_embedding.weight", 0))
            .put("hidden_act", "gelu")
            .put("layer_norm_eps", 1e-5)
            .buildOrThrow());
  }

  private List<Integer> channels(String levels) {
    List<Integer> channels = new ArrayList<>();
    int count = count(levels, ".resnets.0.conv1.weight");
    for (int level = 0; level < count; level++) {
      channels.add(size(levels + level + ".resnets.0.conv1.weight", 0));
    }
    return channels;
  }

  /** How many numbers, from 0 on without a gap, there are between prefix and suffix. */
  private int count(String prefix, String suffix) {
    int count = 0;
    while (has(prefix + count + suffix)) {
      count++;
    }
    if (count == 0) {
      throw missing(prefix + "0" + suffix);
    }
    return count;
  }

  private boolean has(String name) {
    return files.names().contains(name);
  }

  private int size(String name, int dimension) {
    if (!has(name)) {
      throw missing(name);
    }
    List<Long> shape = files.shape(name);
    if (dimension >= shape.size()) {
      throw new CheckpointException(
          "Tensor "
              + name
              + " in "
              + files
              + " has the shape "
              + shape
              + ", expected at least "
              + (dimension + 1)
              + " dimensions.");
    }
    return Ints.saturatedCast(shape.get(dimension));
  }

  private CheckpointException missing(String name) {
    return new CheckpointException(
        "Tensor " + name + " is missing in " + files + ", so the model's shape cannot be read.");
  }

  private String origin() {
    return "The shapes in " + files;
  }
}
