package io.t2v.unet;

import io.t2v.device.ComputeDevice;
import java.util.Optional;

/**
 * Predicts the noise in the latents of a video, or whatever else the scheduler's prediction type
 * stands for.
 *
 * <p>Implementations are thread-safe. Their methods are called in inference mode (no autograd),
 * within an open {@code PointerScope}.
 */
public interface Unet3dDenoiser extends AutoCloseable {
  /**
   * Returns the number of channels of the latents.
   *
   * @return at least 1, usually 4
   */
  int inChannels();

  /**
   * Returns the number of channels of a prediction. The pipeline refuses a denoiser with another
   * number than {@link #inChannels}.
   *
   * @return by default {@link #inChannels}
   */
  default int outChannels() {
    return inChannels();
  }

  /**
   * Returns the width of the text embeddings that it was trained on.
   *
   * @return at least 1, 1024 for ModelScope's model
   */
  int textWidth();

  /**
   * Returns the size of the latents that it was trained on.
   *
   * @return empty if the checkpoint does not say
   */
  Optional<LatentSize> sampleSize();

  /**
   * Returns the device on which it takes latents and returns predictions, so that nothing is copied
   * between steps.
   *
   * @return by default the CPU
   */
  default ComputeDevice device() {
    return ComputeDevice.cpu();
  }

  /**
   * Returns whether {@link #bind} takes a text of each frame, [batch, frames, tokens, width]. A
   * request whose prompt changes in the course of the video needs it, and is refused otherwise.
   *
   * @return by default false: one text for all frames of a video
   */
  default boolean readsTextOfEachFrame() {
    return false;
  }

  /**
   * Returns the width of the guidance embedding that the model was distilled with. Such a model
   * takes the guidance scale as an input: the pipeline puts it into {@link
   * Conditioning#timestepCondition}, computes no prediction for a negative prompt, and refuses
   * requests with one.
   *
   * @return by default 0, for a model without; else at least 4, usually 256
   */
  default int guidanceEmbeddingWidth() {
    return 0;
  }

  /**
   * Returns whether {@link #bind} follows {@link Conditioning#adjustments}. A request with FreeU,
   * or with a strength of temporal layers, needs it, and is refused otherwise.
   *
   * @return by default false: the network is computed as it is
   */
  default boolean takesAdjustments() {
    return false;
  }

  /**
   * Returns at how many depths the network can be cut to reuse the features below. A request that
   * caches steps is refused if this is not above its depth.
   *
   * @return depths from 0 to one less can be asked for; by default 0, for a denoiser that caches
   *     nothing
   * @see FeatureCache
   */
  default int cacheDepths() {
    return 0;
  }

  /**
   * Returns what a prediction with cached features computes, for progress and estimates.
   *
   * @param depth below {@link #cacheDepths}
   * @return share of the work of a whole prediction, above 0 to 1; by default 1
   */
  default double workWithCache(int depth) {
    return 1;
  }

  /**
   * Binds the denoiser to the conditioning of one generation, and computes what depends on the
   * conditioning alone, once instead of in every step.
   *
   * @param conditioning what to generate; its tensors may be freed once this returns
   * @return the bound denoiser, which the caller closes
   * @throws IllegalArgumentException if the text has another shape than [batch, tokens, {@link
   *     #textWidth}], and than one with frames where they are read, or the model takes no timestep
   *     condition, but one is given
   * @throws IllegalStateException if this denoiser is closed
   */
  BoundDenoiser bind(Conditioning conditioning);

  /** Frees the weights: at once, or when the last bound denoiser is closed. */
  @Override
  void close();
}
