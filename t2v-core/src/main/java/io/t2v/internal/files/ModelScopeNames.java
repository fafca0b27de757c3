package io.t2v.internal.files;

import com.google.common.collect.ImmutableBiMap;

/**
 * What ModelScope's own networks, UNetSD and open_clip's text half, call the layers of diffusers'
 * UNet3DConditionModel and of transformers' CLIPTextModel.
 *
 * <p>UNetSD numbers its blocks through. A residual layer is a block, with the attention behind it,
 * and so is a layer that samples down ({@code op}). One that samples up ({@code conv}) stands at
 * the end of the block before it. Diffusers keeps a list for each kind of layer in each level:
 * {@code input_blocks.4.1} is {@code down_blocks.1.attentions.0}.
 */
public final class ModelScopeNames {
  /** Of the UNet, from diffusers' names. */
  public static final Renaming OUTSIDE_BLOCKS =
      new Renaming(
          ImmutableBiMap.of(
              "time_embedding.linear_1", "time_embed.0",
              "time_embedding.linear_2", "time_embed.2",
              "conv_in", "input_blocks.0.0",
              "transformer_in", "input_blocks.0.1",
              "conv_norm_out", "out.0",
              "conv_out", "out.2"));

  /** In a block of the UNet, from diffusers' names without the number behind the kind of layer. */
  public static final Renaming IN_BLOCK =
      new Renaming(
          ImmutableBiMap.of(
              "resnets.norm1", "0.in_layers.0",
              "resnets.conv1", "0.in_layers.2",
              "resnets.time_emb_proj", "0.emb_layers.1",
              "resnets.norm2", "0.out_layers.0",
              "resnets.conv2", "0.out_layers.3",
              "resnets.conv_shortcut", "0.skip_connection",
              "temp_convs", "0.temopral_conv",
              "attentions", "1",
              "temp_attentions", "2"));

  /** In a layer of the text encoder, from transformers' names. */
  public static final Renaming IN_TEXT_LAYER =
      new Renaming(
          ImmutableBiMap.of(
              "layer_norm1", "ln_1",
              "layer_norm2", "ln_2",
              "self_attn", "attn",
              "mlp.fc1", "mlp.c_fc",
              "mlp.fc2", "mlp.c_proj"));

  private ModelScopeNames() {}
}
