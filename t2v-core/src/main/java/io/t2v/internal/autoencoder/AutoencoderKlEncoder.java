package io.t2v.internal.autoencoder;

import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.memory.Footprint;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.memory.WeightFootprint;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.weights.Weights;
import io.t2v.vae.LatentDistribution;
import io.t2v.vae.VaeEncoder;
import io.t2v.vae.VaeTiling;
import java.util.function.ToLongFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The encoder of an {@link AutoencoderKl}, with a placement of its own. Its weights are read when
 * the first image is encoded. Thread-safe.
 */
public final class AutoencoderKlEncoder implements VaeEncoder {
  private final AutoencoderKl autoencoder;

  private AutoencoderKlEncoder(AutoencoderKl autoencoder) {
    this.autoencoder = autoencoder;
  }

  /**
   * Checks the configuration against the weights, without reading them.
   *
   * @param json options of an AutoencoderKL
   * @param files its weights
   * @param tiling how to cut large images; null for not at all
   * @param placement when the encoder's weights are in memory, and in which form
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static AutoencoderKlEncoder open(
      JsonConfig json, TensorFiles files, @Nullable VaeTiling tiling, Placement placement) {
    return new AutoencoderKlEncoder(AutoencoderKl.open(json, files, tiling, placement));
  }

  /**
   * Works out the memory that the encoder takes, without reading its weights.
   *
   * @param tiling how to cut large images; null for not at all
   * @param compute where it would compute, and in which dtype
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static Footprint footprint(
      JsonConfig json, TensorFiles files, @Nullable VaeTiling tiling, ComputeConfig compute) {
    VaeConfig config = VaeConfig.read(json);
    WeightFootprint weights =
        WeightFootprint.of(
            files,
            Weights.Form.PACKED,
            compute,
            (meta, parts) -> parts.part("encoder", meta, own -> new Encoder(config, own)));
    ToLongFunction<Workload> activations =
        workload -> AutoencoderActivations.ofEncoder(config, tiling, workload, compute);
    return new Footprint(weights.undivided(compute.isCompact()), activations, activations);
  }

  @Override
  public LatentDistribution encode(Tensor images) {
    return autoencoder.encode(images);
  }

  @Override
  public double scalingFactor() {
    return autoencoder.scalingFactor();
  }

  @Override
  public Hold hold() {
    return autoencoder.holdEncoder();
  }

  @Override
  public void close() {
    autoencoder.close();
  }
}
