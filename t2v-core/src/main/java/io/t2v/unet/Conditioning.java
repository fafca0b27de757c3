package io.t2v.unet;

import static com.google.common.base.Preconditions.checkArgument;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a denoiser is conditioned on. The tensors belong to the caller, and may be on any device.
 *
 * @param text embeddings [batch, tokens, width], float32, or [batch, frames, tokens, width] for a
 *     text of each frame, where {@link Unet3dDenoiser#readsTextOfEachFrame} says so; with
 *     classifier-free guidance those of the negative prompts come first, as in the reference
 * @param timestepCondition the guidance embedding of distilled models, [1 or batch,
 *     time_cond_proj_dim], float32, which is projected and added to the timestep's embedding; null
 *     for none
 * @param microBatch how many samples of the batch to compute at a time, at least 1: more keep a GPU
 *     busy, fewer take less memory; predictions are the same up to rounding
 * @param adjustments of the network's computation; other than none only where {@link
 *     Unet3dDenoiser#takesAdjustments} says so
 */
public record Conditioning(
    Tensor text, @Nullable Tensor timestepCondition, int microBatch, UnetAdjustments adjustments) {
  /**
   * Checks the micro-batch.
   *
   * @param text embeddings [batch, tokens, width] or [batch, frames, tokens, width]
   * @param timestepCondition [1 or batch, time_cond_proj_dim], or null
   * @param microBatch at least 1
   * @param adjustments of the network's computation
   * @throws IllegalArgumentException if {@code microBatch} is less than 1
   */
  public Conditioning {
    checkArgument(microBatch >= 1, "microBatch is %s, expected at least 1", microBatch);
  }

  /**
   * Conditions the network as it is.
   *
   * @param text embeddings [batch, tokens, width] or [batch, frames, tokens, width]
   * @param timestepCondition [1 or batch, time_cond_proj_dim], or null
   * @param microBatch at least 1
   */
  public Conditioning(Tensor text, @Nullable Tensor timestepCondition, int microBatch) {
    this(text, timestepCondition, microBatch, UnetAdjustments.none());
  }

  /**
   * Conditions on text alone, with a micro-batch of 1.
   *
   * @param text embeddings [batch, tokens, width] or [batch, frames, tokens, width]
   * @return the conditioning
   */
  public static Conditioning onText(Tensor text) {
    return new Conditioning(text, null, 1);
  }

  /**
   * Changes the text.
   *
   * @param other embeddings of as many samples
   * @return the changed conditioning
   */
  public Conditioning withText(Tensor other) {
    return new Conditioning(other, timestepCondition, microBatch, adjustments);
  }
}
