package io.t2v.vae;

import org.bytedeco.pytorch.Tensor;

/**
 * Decodes latents to images.
 *
 * <p>Implementations are thread-safe. {@link #decode} is called in inference mode (no autograd),
 * within an open {@code PointerScope}.
 */
public interface VaeDecoder extends AutoCloseable {
  /**
   * Returns the number of channels of the latents.
   *
   * @return at least 1, usually 4
   */
  int latentChannels();

  /**
   * Returns how many times larger an image is than its latents, in each direction.
   *
   * @return at least 1, usually 8
   */
  int scaleFactor();

  /**
   * Decodes latents. Each image depends on its own latents alone, so that the frames of a video may
   * be decoded together or one by one.
   *
   * @param latents [n, latent channels, height, width], float32 on any device, on the denoiser's
   *     scale: the decoder divides them by the autoencoder's scaling factor
   * @return [n, 3, height · f, width · f] with f the {@link #scaleFactor}, red, green and blue,
   *     float32 on any device, about -1 to 1 but not clamped; of the innermost open scope
   * @throws IllegalArgumentException if the latents have another number of dimensions or channels
   * @throws IllegalStateException if this decoder is closed
   */
  Tensor decode(Tensor latents);

  /**
   * Keeps the weights resident until the result is closed, even if they are offloaded after each
   * use. For decoding several images one after the other. By default this does nothing.
   *
   * @return to be closed after the last image
   * @throws IllegalStateException if this decoder is closed
   */
  default Hold hold() {
    return () -> {};
  }

  /** Keeps the weights of a decoder resident while it is open. */
  @FunctionalInterface
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Frees the weights: at once, or when the last use ends. */
  @Override
  void close();
}
