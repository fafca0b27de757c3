package io.t2v.unet;

import io.t2v.device.ComputeDevice;
import java.util.Optional;

/**
 * Predicts noise (or what else the scheduler's prediction type asks for) in video latents.
 *
 * <p>Implementations are safe for use by many threads.
 */
public interface Unet3dDenoiser extends AutoCloseable {
  /**
   * Returns the number of channels of the latents that go in.
   *
   * @return at least 1, usually 4
   */
  int inChannels();

  /**
   * Returns the number of channels of a prediction. The pipeline refuses a denoiser whose
   * predictions are of another number than the latents.
   *
   * @return by default as many as go in
   */
  default int outChannels() {
    return inChannels();
  }

  /**
   * Returns the width of the text embeddings.
   *
   * @return at least 1, 1024 for ModelScope's model
   */
  int textWidth();

  /**
   * Returns the size of latents that the model was trained on.
   *
   * @return empty if the checkpoint does not say
   */
  Optional<LatentSize> sampleSize();

  /**
   * Returns where the denoiser computes: latents come and go there, so that nothing has to be
   * copied between steps.
   *
   * @return by default the processor
   */
  default ComputeDevice device() {
    return ComputeDevice.cpu();
  }

  /**
   * Returns whether {@link #bind} takes a text of each frame. A request whose prompt changes in the
   * course of the video needs it, and is refused otherwise.
   *
   * @return by default false: one text for all frames of a clip
   */
  default boolean readsTextOfEachFrame() {
    return false;
  }

  /**
   * Prepares the denoiser for one generation: whatever depends on the conditioning alone is
   * computed here instead of in every step.
   *
   * @param conditioning what to generate; may be closed afterwards
   * @return the bound denoiser, which the caller closes
   */
  BoundDenoiser bind(Conditioning conditioning);

  /** Frees the parameters. */
  @Override
  void close();
}
