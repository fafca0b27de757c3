package io.t2v.vae;

import org.bytedeco.pytorch.Tensor;

/**
 * Turns latents into images.
 *
 * <p>Implementations are safe for use by many threads.
 */
public interface VaeDecoder extends AutoCloseable {
  /**
   * Returns the number of channels of the latents.
   *
   * @return at least 1, usually 4
   */
  int latentChannels();

  /**
   * Returns how many pixels of an image one pixel of the latents stands for, in each direction.
   *
   * @return at least 1, usually 8
   */
  int scaleFactor();

  /**
   * Decodes latents. Images do not depend on each other: frames of a video may come together or one
   * by one.
   *
   * @param latents [n, latent channels, height, width], float32 on any device, as the denoiser
   *     knows them: they are divided by the autoencoder's scaling factor here
   * @return [n, 3, height · f, width · f] with f the {@link #scaleFactor}, float32 on any device,
   *     colors about [-1, 1] but not clamped to it; of the innermost open scope
   * @throws IllegalArgumentException if the latents have another number of dimensions or channels
   */
  Tensor decode(Tensor latents);

  /**
   * Announces that several images will be decoded one after the other, so that parameters which go
   * after each use stay in between. Default: nothing.
   *
   * @return to be closed after the last of them
   * @throws IllegalStateException if this decoder is closed
   */
  default Hold hold() {
    return () -> {};
  }

  /** A stretch of time in which images are decoded. */
  @FunctionalInterface
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Frees the parameters. */
  @Override
  void close();
}
