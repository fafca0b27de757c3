package io.t2v.plugins;

import io.t2v.vae.LatentDistribution;
import io.t2v.vae.VaeEncoder;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * An encoder without a network: the latents are the mean colors of squares of pixels, and a channel
 * of zeros. {@link PixelDecoder} is its counterpart.
 */
public final class PixelEncoder implements VaeEncoder {
  /** Standard deviations of exp(-15): as good as none. */
  private static final double LOGVAR = -30;

  @Override
  public LatentDistribution encode(Tensor images) {
    Tensor colors = torch.avg_pool2d(images, PixelDecoder.FACTOR);
    Tensor zeros = torch.zeros_like(colors.narrow(1, 0, PixelDecoder.CHANNELS - 3));
    Tensor mean = torch.cat(new TensorVector(colors, zeros), 1);
    return new LatentDistribution(mean, torch.full_like(mean, new Scalar(LOGVAR)));
  }

  /** The decoder does not scale either. */
  @Override
  public double scalingFactor() {
    return 1;
  }

  @Override
  public void close() {}
}
