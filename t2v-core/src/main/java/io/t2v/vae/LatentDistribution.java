package io.t2v.vae;

import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The normal distributions of an image's latents, as an encoder returns them: each element has its
 * own mean and variance. Latents drawn from it are on the autoencoder's scale; those of the
 * denoiser are {@link VaeEncoder#scalingFactor} times larger.
 *
 * @param mean [n, latent channels, height, width], float32
 * @param logvar natural logarithm of the variance, of the same shape, within [-30, 20]
 */
public record LatentDistribution(Tensor mean, Tensor logvar) {
  /**
   * Draws latents.
   *
   * @param noise standard normal noise of the mean's shape, on its device; stays as it is
   * @return mean + standard deviation · noise, of the innermost open scope
   */
  public Tensor sample(Tensor noise) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor sample = logvar.mul(new Scalar(0.5));
      sample.exp_();
      sample.mul_(noise);
      sample.add_(mean);
      return scope.keep(sample);
    }
  }

  /**
   * Returns the most probable latents.
   *
   * @return the mean
   */
  public Tensor mode() {
    return mean;
  }
}
