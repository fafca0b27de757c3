package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import java.util.List;

/**
 * Options that newer versions of the references write, or those of related models know, each with
 * the value that leaves what is computed as it is without the option: diffusers' UNets and
 * autoencoders, transformers' text encoders.
 */
final class NeutralOptions {
  private static final ImmutableMap<String, Object> VALUES =
      ImmutableMap.<String, Object>builder()
          // UNets of diffusers
          .put("attention_type", "default")
          .put("conv_in_kernel", 3)
          .put("conv_out_kernel", 3)
          .put("dropout", 0.0)
          .put("flip_sin_to_cos", true)
          .put("freq_shift", 0)
          .put("mid_block_type", "UNetMidBlock3DCrossAttn")
          .put("resnet_out_scale_factor", 1.0)
          .put("resnet_time_scale_shift", "default")
          .put("reverse_transformer_layers_per_block", List.of())
          .put("time_embedding_type", "positional")
          .put("transformer_layers_per_block", 1)
          // autoencoders of diffusers
          .put("norm_type", "group")
          .put("sample_posterior", true)
          // text encoders of transformers
          .put("attn_implementation", "eager")
          .put("embd_dropout", 0.0)
          .put("experts_implementation", "eager")
          .put("hidden_dropout_prob", 0.0)
          .put("layerdrop", 0.0)
          .put("output_past", true)
          .build();

  private NeutralOptions() {}

  /**
   * Tells whether an unknown option changes nothing.
   *
   * @param name of the option
   * @param value of the option
   * @return true if the model is the same without it
   */
  static boolean isNeutral(String name, Object value) {
    Object neutral = VALUES.get(name);
    if (value instanceof Number found && neutral instanceof Number expected) {
      return found.doubleValue() == expected.doubleValue();
    }
    return value.equals(neutral);
  }
}
