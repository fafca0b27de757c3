package io.t2v.plugins;

import io.t2v.guidance.GuidanceRun;
import io.t2v.vae.VaeDecoder;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * A decoder without a network: the first three of four channels are red, green and blue, and each
 * of the latents is a square of pixels. {@link PixelEncoder} is its counterpart.
 */
public final class PixelDecoder implements VaeDecoder {
  static final int CHANNELS = 4;
  static final int FACTOR = 8;

  @Override
  public int latentChannels() {
    return CHANNELS;
  }

  @Override
  public int scaleFactor() {
    return FACTOR;
  }

  @Override
  public Tensor decode(Tensor latents) {
    return GuidanceRun.scoped(
        () -> {
          LongOptional none = new LongOptional();
          return latents
              .narrow(1, 0, 3)
              .repeat_interleave(FACTOR, new LongOptional(2), none)
              .repeat_interleave(FACTOR, new LongOptional(3), none);
        });
  }

  @Override
  public void close() {}
}
