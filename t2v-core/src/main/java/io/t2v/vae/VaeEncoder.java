package io.t2v.vae;

import org.bytedeco.pytorch.Tensor;

/**
 * Encodes images to latents.
 *
 * <p>Implementations are thread-safe. {@link #encode} is called in inference mode (no autograd),
 * within an open {@code PointerScope}.
 */
public interface VaeEncoder extends AutoCloseable {
  /**
   * Encodes images. The latents of each depend on that image alone.
   *
   * @param images [n, 3, height, width], red, green and blue, float32 on any device, -1 to 1;
   *     height and width are at least f, how many times larger an image is than its latents
   * @return the distributions of the latents, [n, latent channels, height / f, width / f]; of the
   *     innermost open scope
   * @throws IllegalArgumentException if the images have another number of dimensions or channels,
   *     or are too small
   * @throws IllegalStateException if this encoder is closed
   */
  LatentDistribution encode(Tensor images);

  /**
   * Returns the factor from encoded latents to those of the denoiser.
   *
   * @return a number other than 0, usually 0.18215
   */
  double scalingFactor();

  /** Frees the weights: at once, or when the last use ends. */
  @Override
  void close();
}
