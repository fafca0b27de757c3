package io.t2v.internal.autoencoder;

import io.t2v.internal.memory.Workload;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.vae.VaeTiling;
import org.jspecify.annotations.Nullable;

/** Peak memory of the decoder's features for one frame. */
final class DecoderActivations {
  /** Intermediates of the layers that compute in chunks or bands. */
  private static final long WORKSPACE = 128L << 20;

  private DecoderActivations() {}

  static long of(
      VaeConfig config, @Nullable VaeTiling tiling, Workload workload, ComputeConfig compute) {
    long factor = config.scaleFactor();
    long height = workload.height();
    long width = workload.width();
    long frame = Float.BYTES * 3 * height * factor * width * factor;
    if (tiling != null) {
      height = Math.min(height, tiling.tileSize());
      width = Math.min(width, tiling.tileSize());
    }
    long peak = 0;
    int top = config.levels() - 1;
    for (int level = top; level >= 0; level--) {
      long pixels = (height << (top - level)) * (width << (top - level)) * compute.elementBytes();
      long out = config.blockOutChannels().get(level) * pixels;
      long in = config.blockOutChannels().get(Math.min(level + 1, top)) * pixels;
      // The first residual layer: input, normalised input and output; or output and shortcut.
      peak = Math.max(peak, in + Math.max(in + out, 4 * out));
      if (level > 0) {
        peak = Math.max(peak, out + 4 * out);
      }
    }
    return peak + frame + WORKSPACE;
  }
}
