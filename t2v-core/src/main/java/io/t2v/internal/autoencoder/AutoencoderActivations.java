package io.t2v.internal.autoencoder;

import io.t2v.internal.memory.Workload;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.vae.VaeTiling;
import org.jspecify.annotations.Nullable;

/**
 * Peak memory of the features of the autoencoder's two halves: of one frame, or of those that are
 * decoded together.
 */
final class AutoencoderActivations {
  /** Intermediates of the layers that compute in bands of usual size. */
  private static final long WORKSPACE = 128L << 20;

  /** Of such a layer in a single band, by its input. */
  private static final int WHOLE_LAYER_TENSORS = 4;

  private AutoencoderActivations() {}

  /** Each level but the last one ends with an upsampling. */
  static long ofDecoder(
      VaeConfig config, @Nullable VaeTiling tiling, Workload workload, ComputeConfig compute) {
    return workload.decodeBatch() * ofFrame(config, tiling, workload, compute, 1) + WORKSPACE;
  }

  static long ofEncoder(
      VaeConfig config, @Nullable VaeTiling tiling, Workload workload, ComputeConfig compute) {
    return ofFrame(config, tiling, workload, compute, -1) + WORKSPACE;
  }

  /** neighbour: from a level to the one that its features come from, 1 in the decoder. */
  private static long ofFrame(
      VaeConfig config,
      @Nullable VaeTiling tiling,
      Workload workload,
      ComputeConfig compute,
      int neighbour) {
    long factor = config.scaleFactor();
    long height = workload.height();
    long width = workload.width();
    long frame = Float.BYTES * 3 * height * factor * width * factor;
    if (tiling != null) {
      height = Math.min(height, tiling.tileSize());
      width = Math.min(width, tiling.tileSize());
    }
    long peak = 0;
    long widest = 0;
    int top = config.levels() - 1;
    for (int level = 0; level <= top; level++) {
      long pixels = (height << (top - level)) * (width << (top - level)) * compute.elementBytes();
      int before = Math.max(0, Math.min(level + neighbour, top));
      long in = config.blockOutChannels().get(before) * pixels;
      long out = config.blockOutChannels().get(level) * pixels;
      widest = Math.max(widest, in);
      // The first residual layer: input, normalised input and output; or output and shortcut.
      peak = Math.max(peak, in + Math.max(in + out, 4 * out));
      if (neighbour > 0 && level > 0) {
        peak = Math.max(peak, out + 4 * out);
      }
    }
    return peak + frame + widerBands(compute, widest);
  }

  /**
   * What larger bands than usual take besides, until a layer is a single one.
   *
   * @param widest input of a layer
   */
  private static long widerBands(ComputeConfig compute, long widest) {
    return compute.device().isCpu()
        ? compute.workspace(WORKSPACE, WHOLE_LAYER_TENSORS * widest) - WORKSPACE
        : 0;
  }
}
