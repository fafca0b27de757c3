package io.t2v.vae;

import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * What an encoder says of the latents: a normal distribution for each element. They are not scaled
 * yet: the denoiser wants them times {@link VaeEncoder#scalingFactor}.
 *
 * @param mean [n, channels, height, width]
 * @param logvar logarithm of the variance, the same shape, within [-30, 20]
 */
public record LatentDistribution(Tensor mean, Tensor logvar) {
  /**
   * Draws latents.
   *
   * @param noise of the shape of the mean, from the standard normal distribution
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
