package io.t2v.vae;

import org.bytedeco.pytorch.Tensor;

/**
 * Turns images into latents.
 *
 * <p>Implementations are safe for use by many threads.
 */
public interface VaeEncoder extends AutoCloseable {
  /**
   * Encodes images. They do not depend on each other.
   *
   * @param images [n, 3, height, width], float32, colors in [-1, 1]; height and width at least f,
   *     the number of pixels that one pixel of the latents stands for
   * @return the distribution of the latents of each image, [n, latent channels, height / f, width /
   *     f]; of the innermost open scope
   * @throws IllegalArgumentException if the images have another number of dimensions or channels,
   *     or are too small
   */
  LatentDistribution encode(Tensor images);

  /**
   * Returns what encoded latents are multiplied by before the denoiser sees them.
   *
   * @return a number other than 0, usually 0.18215
   */
  double scalingFactor();

  /**
   * Announces that several images will be encoded one after the other, so that weights which go
   * after each use stay in between. Default: nothing.
   *
   * @return to be closed after the last of them
   * @throws IllegalStateException if this encoder is closed
   */
  default Hold hold() {
    return () -> {};
  }

  /** A stretch of time in which images are encoded. */
  @FunctionalInterface
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Frees the parameters. */
  @Override
  void close();
}
