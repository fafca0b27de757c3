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

  /** Frees the parameters. */
  @Override
  void close();
}
