package io.t2v.unet;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a denoiser is to generate.
 *
 * @param text embeddings [batch, tokens, width]; with classifier-free guidance the unconditional
 *     ones come first, as in the reference
 * @param timestepCondition added to the timestep's embedding before its first layer, [batch,
 *     time_cond_proj_dim]: the guidance embedding of distilled models; null for none
 */
public record Conditioning(Tensor text, @Nullable Tensor timestepCondition) {
  /**
   * Conditions on text alone.
   *
   * @param text embeddings [batch, tokens, width]
   * @return the conditioning
   */
  public static Conditioning onText(Tensor text) {
    return new Conditioning(text, null);
  }
}
