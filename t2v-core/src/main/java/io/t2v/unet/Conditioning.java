package io.t2v.unet;

import static com.google.common.base.Preconditions.checkArgument;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a denoiser is to generate.
 *
 * @param text embeddings [batch, tokens, width], or [batch, frames, tokens, width] for a text of
 *     each frame, where {@link Unet3dDenoiser#readsTextOfEachFrame} says so; with classifier-free
 *     guidance the unconditional ones come first, as in the reference
 * @param timestepCondition added to the timestep's embedding before its first layer, [batch,
 *     time_cond_proj_dim]: the guidance embedding of distilled models; null for none
 * @param microBatch how many clips to compute as one batch at most, at least 1: more keep a GPU
 *     busy, fewer take less memory; results are the same up to rounding
 */
public record Conditioning(Tensor text, @Nullable Tensor timestepCondition, int microBatch) {
  /**
   * Checks the number of clips.
   *
   * @param text embeddings
   * @param timestepCondition added to the timestep's embedding, or null
   * @param microBatch at least 1
   */
  public Conditioning {
    checkArgument(microBatch >= 1, "microBatch is %s, expected at least 1", microBatch);
  }

  /**
   * Conditions on text alone, one clip at a time.
   *
   * @param text embeddings [batch, tokens, width]
   * @return the conditioning
   */
  public static Conditioning onText(Tensor text) {
    return new Conditioning(text, null, 1);
  }
}
