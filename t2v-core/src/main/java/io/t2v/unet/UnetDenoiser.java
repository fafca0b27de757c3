package io.t2v.unet;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.checkpoint.JsonConfig;
import io.t2v.checkpoint.TensorFiles;
import io.t2v.checkpoint.Weights;
import io.t2v.device.Device;
import io.t2v.offload.Component;
import io.t2v.offload.Footprint;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Parts;
import io.t2v.offload.Placement;
import io.t2v.offload.Resident;
import io.t2v.offload.WeightBytes;
import io.t2v.offload.Workload;
import io.t2v.torch.Compute;
import io.t2v.torch.HostTensors;
import io.t2v.torch.NativePool;
import io.t2v.torch.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The UNet of a checkpoint as a denoiser. Its parameters are read when they are first needed.
 *
 * <p>Safe for use by many threads.
 */
public final class UnetDenoiser implements Unet3dDenoiser {
  private final UnetConfig config;
  private final Resident<Unet3d> network;
  private final Compute compute;

  private UnetDenoiser(UnetConfig config, Resident<Unet3d> network, Compute compute) {
    this.config = config;
    this.network = network;
    this.compute = compute;
  }

  /**
   * Checks the configuration against the weights, without reading them. Weights stay once they are
   * read.
   *
   * @param json options of a UNet3DConditionModel
   * @param files its weights
   * @return the denoiser, which the caller closes
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static UnetDenoiser open(JsonConfig json, TensorFiles files) {
    return open(json, files, new Placement(Component.DENOISER, OffloadPolicy.none()));
  }

  /**
   * Checks the configuration against the weights, without reading them.
   *
   * @param json options of a UNet3DConditionModel
   * @param files its weights
   * @param placement when its weights are in memory, and in which form
   * @return the denoiser, which the caller closes
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static UnetDenoiser open(JsonConfig json, TensorFiles files, Placement placement) {
    UnetConfig config = UnetConfig.read(json);
    Weights.check(files, Set.of(), weights -> new Unet3d(config, weights, Parts.together()));
    return new UnetDenoiser(
        config,
        placement.place(
            files, Weights.Form.PACKED, (weights, parts) -> new Unet3d(config, weights, parts)),
        placement.compute());
  }

  /**
   * Lists the parameters of a configuration, without weights.
   *
   * @param json options of a UNet3DConditionModel
   * @param listener told of each parameter
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible
   */
  public static void listParameters(JsonConfig json, Weights.ParameterListener listener) {
    UnetConfig config = UnetConfig.read(json);
    Weights.list(weights -> new Unet3d(config, weights, Parts.together()), listener);
  }

  /**
   * Works out the memory that a UNet takes, without reading its weights.
   *
   * @param json options of a UNet3DConditionModel
   * @param files its weights
   * @param compute where it would compute, and in which numbers
   * @return its footprint
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static Footprint footprint(JsonConfig json, TensorFiles files, Compute compute) {
    UnetConfig config = UnetConfig.read(json);
    WeightBytes weights =
        WeightBytes.of(
            files,
            Weights.Form.PACKED,
            compute,
            (sketch, parts) -> new Unet3d(config, sketch, parts));
    return new Footprint(
        weights.whole(),
        weights.kept(),
        weights.layerByLayer(),
        workload ->
            compute.isCompact()
                ? UnetActivations.stageByStage(config, compute, workload)
                : UnetActivations.groupByGroup(config, compute, workload),
        workload -> UnetActivations.stageByStage(config, compute, workload));
  }

  /**
   * Returns what a UNet usually computes.
   *
   * @param json options of a UNet3DConditionModel
   * @return one video of 16 frames with guidance, of the UNet's own size or latents of 32 × 32
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible
   */
  public static Workload typicalWorkload(JsonConfig json) {
    LatentSize size = UnetConfig.read(json).sampleSize().orElse(new LatentSize(32, 32));
    return new Workload(1, true, 16, size.height(), size.width(), 1);
  }

  @Override
  public Device device() {
    return compute.device();
  }

  @Override
  public int inChannels() {
    return config.inChannels();
  }

  @Override
  public int outChannels() {
    return config.outChannels();
  }

  @Override
  public int textWidth() {
    return config.crossAttentionDim();
  }

  @Override
  public Optional<LatentSize> sampleSize() {
    return config.sampleSize();
  }

  @Override
  public BoundDenoiser bind(Conditioning conditioning) {
    Tensor text = conditioning.text();
    checkArgument(
        text.dim() == 3 && text.size(2) == config.crossAttentionDim(),
        "text embeddings have the shape %s, expected [batch, tokens, %s]",
        Arrays.toString(HostTensors.shape(text)),
        config.crossAttentionDim());
    checkArgument(
        conditioning.timestepCondition() == null || config.timeCondProjDim() > 0,
        "a timestep condition was given, but this UNet has no time_cond_proj_dim");
    Resident<Unet3d>.Lease lease = network.acquire();
    NativePool pool = new NativePool();
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> projected = lease.get().projectText(compute.enter(text));
      projected.forEach(pool::adopt);
      Tensor given = conditioning.timestepCondition();
      return new Bound(
          lease,
          pool,
          projected,
          given == null ? null : pool.adopt(compute.copy(given)),
          conditioning.clipsTogether());
    } catch (RuntimeException | Error e) {
      pool.close();
      lease.close();
      throw e;
    }
  }

  @Override
  public void close() {
    network.close();
  }

  private record Bound(
      Resident<Unet3d>.Lease lease,
      NativePool pool,
      List<Tensor> projectedText,
      @Nullable Tensor condition,
      int together)
      implements BoundDenoiser {
    @Override
    public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
      long clips = projectedText.get(0).size(0);
      checkArgument(
          latents.dim() == 5 && clips % latents.size(0) == 0,
          "latents have the shape %s, expected [a divisor of %s, channels, frames, height, width]",
          Arrays.toString(HostTensors.shape(latents)),
          clips);
      return lease.get().forward(latents, timestep, projectedText, condition, together, listener);
    }

    @Override
    public void close() {
      pool.close();
      lease.close();
    }
  }
}
