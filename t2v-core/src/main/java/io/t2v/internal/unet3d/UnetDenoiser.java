package io.t2v.internal.unet3d;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.memory.Footprint;
import io.t2v.internal.memory.ManagedModule;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.memory.Submodules;
import io.t2v.internal.memory.WeightFootprint;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.CudaGraph;
import io.t2v.internal.torch.DeviceGraph;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The UNet of a checkpoint as a denoiser. Its parameters are read when they are first needed.
 *
 * <p>Safe for use by many threads.
 */
public final class UnetDenoiser implements Unet3dDenoiser {
  private static final System.Logger LOGGER = System.getLogger(UnetDenoiser.class.getName());

  private final UnetConfig config;
  private final ManagedModule<Unet3d> network;
  private final ComputeConfig compute;
  private final DeviceGraph.@Nullable Recorder recorder;

  private UnetDenoiser(
      UnetConfig config,
      ManagedModule<Unet3d> network,
      ComputeConfig compute,
      DeviceGraph.@Nullable Recorder recorder) {
    this.config = config;
    this.network = network;
    this.compute = compute;
    this.recorder = recorder;
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
    return open(json, files, placement, null);
  }

  /**
   * Checks the configuration against the weights, without reading them. Predictions are recorded as
   * CUDA graphs and replayed, as {@link io.t2v.PipelineBuilder#cudaGraphs} says.
   *
   * @param json options of a UNet3DConditionModel
   * @param files its weights
   * @param placement when its weights are in memory, and in which form
   * @return the denoiser, which the caller closes
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static UnetDenoiser openWithCudaGraphs(
      JsonConfig json, TensorFiles files, Placement placement) {
    ComputeDevice device = placement.compute().device();
    boolean cuda = device.kind() == ComputeDevice.Kind.CUDA;
    if (!cuda) {
      LOGGER.log(Level.WARNING, "No CUDA graphs: the denoiser computes on {0}", device);
    }
    return open(json, files, placement, cuda ? CudaGraph.on(device) : null);
  }

  /** recorder: of predictions; null if they are computed one by one. */
  public static UnetDenoiser open(
      JsonConfig json,
      TensorFiles files,
      Placement placement,
      DeviceGraph.@Nullable Recorder recorder) {
    UnetConfig config = UnetConfig.read(json);
    Weights.check(files, Set.of(), weights -> new Unet3d(config, weights, Submodules.together()));
    return new UnetDenoiser(
        config,
        placement.place(
            files, Weights.Form.PACKED, (weights, parts) -> new Unet3d(config, weights, parts)),
        placement.compute(),
        recorder);
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
    Weights.list(weights -> new Unet3d(config, weights, Submodules.together()), listener);
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
  public static Footprint footprint(JsonConfig json, TensorFiles files, ComputeConfig compute) {
    UnetConfig config = UnetConfig.read(json);
    WeightFootprint weights =
        WeightFootprint.of(
            files, Weights.Form.PACKED, compute, (meta, parts) -> new Unet3d(config, meta, parts));
    return new Footprint(
        weights,
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
  public ComputeDevice device() {
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
  public boolean readsTextOfEachFrame() {
    return true;
  }

  @Override
  public BoundDenoiser bind(Conditioning conditioning) {
    Tensor text = conditioning.text();
    checkArgument(
        (text.dim() == 3 || text.dim() == 4) && text.size(-1) == config.crossAttentionDim(),
        "text embeddings have the shape %s, expected [batch, tokens, %s] or [batch, frames, tokens,"
            + " %s]",
        Arrays.toString(HostTensors.shape(text)),
        config.crossAttentionDim(),
        config.crossAttentionDim());
    checkArgument(
        conditioning.timestepCondition() == null || config.timeCondProjDim() > 0,
        "a timestep condition was given, but this UNet has no time_cond_proj_dim");
    ManagedModule<Unet3d>.Lease lease = network.acquire();
    NativePool pool = new NativePool();
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> projected = lease.get().projectText(compute.toCompute(text));
      projected.forEach(pool::adopt);
      Tensor given = conditioning.timestepCondition();
      Unet3d unet = lease.get();
      return new Bound(
          lease,
          pool,
          step(unet, projected, conditioning.microBatch()),
          text.size(0),
          text.dim() == 4 ? OptionalLong.of(text.size(1)) : OptionalLong.empty(),
          given == null ? null : pool.adopt(compute.copy(given)));
    } catch (RuntimeException | Error e) {
      pool.close();
      lease.close();
      throw e;
    }
  }

  private PredictionStep step(Unet3d unet, List<Tensor> projectedText, int together) {
    PredictionStep step =
        (latents, time, listener) -> unet.forward(latents, time, projectedText, together, listener);
    if (recorder == null) {
      return step;
    }
    if (!unet.blocksStay()) {
      LOGGER.log(Level.WARNING, "No CUDA graph for this generation: its layers come and go");
      return step;
    }
    return new ReplayedStep(step, recorder);
  }

  @Override
  public void close() {
    network.close();
  }

  /** clips: of the conditioning. textFrames: how many have a text of their own. */
  private record Bound(
      ManagedModule<Unet3d>.Lease lease,
      NativePool pool,
      PredictionStep step,
      long clips,
      OptionalLong textFrames,
      @Nullable Tensor condition)
      implements BoundDenoiser {
    @Override
    public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
      checkArgument(
          latents.dim() == 5 && clips % latents.size(0) == 0,
          "latents have the shape %s, expected [a divisor of %s, channels, frames, height, width]",
          Arrays.toString(HostTensors.shape(latents)),
          clips);
      textFrames.ifPresent(
          frames ->
              checkArgument(
                  latents.size(2) == frames,
                  "latents have %s frames, but the text was bound for %s",
                  latents.size(2),
                  frames));
      try (TensorScope scope = TensorScope.open()) {
        Tensor time = lease.get().embedTime(timestep, condition);
        return scope.keep(step.predict(latents, time, listener));
      }
    }

    @Override
    public void close() {
      try {
        step.close();
      } finally {
        pool.close();
        lease.close();
      }
    }
  }
}
