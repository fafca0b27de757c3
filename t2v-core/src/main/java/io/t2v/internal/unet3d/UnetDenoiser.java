package io.t2v.internal.unet3d;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
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
import io.t2v.offload.Residency;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.FeatureCache;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.unet.UnetAdjustments;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The UNet of a checkpoint as a denoiser. Its weights are read when they are first needed.
 *
 * <p>Thread-safe.
 */
public final class UnetDenoiser implements Unet3dDenoiser {
  private static final System.Logger LOGGER = System.getLogger(UnetDenoiser.class.getName());

  private static final int MOST_KEPT_GRAPHS = 2;

  private final UnetConfig config;
  private final ManagedModule<Unet3d> network;
  private final ComputeConfig compute;
  private final DeviceGraph.@Nullable Recorder recorder;
  private final GraphCache graphs;

  private UnetDenoiser(
      UnetConfig config,
      ManagedModule<Unet3d> network,
      Placement placement,
      DeviceGraph.@Nullable Recorder recorder) {
    this.config = config;
    this.network = network;
    compute = placement.compute();
    this.recorder = recorder;
    graphs = new GraphCache(keptGraphs(placement));
  }

  /** Weights that are released after a generation do not come back to where a graph reads them. */
  private static int keptGraphs(Placement placement) {
    if (!placement.compute().uses(GpuOptimization.KEPT_CUDA_GRAPHS)) {
      return 0;
    }
    if (placement.policy().residency(placement.component()) != Residency.KEPT) {
      LOGGER.log(
          Level.WARNING,
          "{0} has no effect with offload {1}: weights do not stay on the device; use"
              + " OffloadPolicy.none()",
          GpuOptimization.KEPT_CUDA_GRAPHS,
          placement.policy());
      return 0;
    }
    return MOST_KEPT_GRAPHS;
  }

  /** As {@link #open(JsonConfig, TensorFiles, Placement)}, on the CPU and without offloading. */
  public static UnetDenoiser open(JsonConfig json, TensorFiles files) {
    return open(json, files, new Placement(Component.DENOISER, OffloadPolicy.none()));
  }

  /**
   * Checks the configuration against the weights, without reading these.
   *
   * @param json config of a UNet3DConditionModel
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static UnetDenoiser open(JsonConfig json, TensorFiles files, Placement placement) {
    return open(json, TensorReader.open(files), placement, null);
  }

  /**
   * As {@link #open(JsonConfig, TensorReader, Placement, DeviceGraph.Recorder)}; on CUDA,
   * predictions are recorded as CUDA graphs and replayed, as {@link
   * io.t2v.PipelineBuilder#cudaGraphs} says.
   */
  public static UnetDenoiser openWithCudaGraphs(
      JsonConfig json, TensorReader weights, Placement placement) {
    ComputeDevice device = placement.compute().device();
    boolean cuda = device.kind() == ComputeDevice.Kind.CUDA;
    if (!cuda) {
      LOGGER.log(Level.WARNING, "No CUDA graphs: the denoiser computes on {0}", device);
    }
    return open(json, weights, placement, cuda ? CudaGraph.on(device) : null);
  }

  /**
   * As {@link #open(JsonConfig, TensorFiles, Placement)}, on files that are open.
   *
   * @param weights closed with the denoiser, or here if it is not made
   * @param recorder of the device, to replay predictions; null to compute each of them
   */
  public static UnetDenoiser open(
      JsonConfig json,
      TensorReader weights,
      Placement placement,
      DeviceGraph.@Nullable Recorder recorder) {
    try {
      UnetConfig config = UnetConfig.read(json);
      Weights.check(
          weights.tensors(),
          Set.of(),
          checked -> new Unet3d(config, checked, Submodules.together()));
      return new UnetDenoiser(
          config,
          placement.place(
              weights,
              Weights.Form.PACKED,
              (own, submodules) -> new Unet3d(config, own, submodules)),
          placement,
          recorder);
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  /**
   * Lists the parameters that a configuration needs.
   *
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible
   */
  public static void listParameters(JsonConfig json, Weights.ParameterListener listener) {
    UnetConfig config = UnetConfig.read(json);
    Weights.list(weights -> new Unet3d(config, weights, Submodules.together()), listener);
  }

  /**
   * Works out the memory that a UNet takes, without reading its weights.
   *
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static Footprint footprint(JsonConfig json, TensorFiles files, ComputeConfig compute) {
    UnetConfig config = UnetConfig.read(json);
    WeightFootprint weights =
        WeightFootprint.of(
            files,
            Weights.Form.PACKED,
            compute,
            (meta, submodules) -> new Unet3d(config, meta, submodules));
    return new Footprint(
        weights,
        workload ->
            compute.isCompact()
                ? UnetActivations.byBlock(config, compute, workload)
                : UnetActivations.byMicroBatch(config, compute, workload),
        workload -> UnetActivations.byBlock(config, compute, workload));
  }

  /**
   * Returns the workload that memory is planned for before a request is known: one video of 16
   * frames with guidance, of the size that the UNet was trained on, or of 32 × 32 latents.
   *
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

  /** A recorded graph replays all blocks, so there is no cache beside it. */
  @Override
  public int cacheDepths() {
    return recorder == null ? NetworkCut.depths(config) : 0;
  }

  @Override
  public double workWithCache(int depth) {
    return UnetWork.of(config).share(NetworkCut.at(config, depth));
  }

  @Override
  public int guidanceEmbeddingWidth() {
    return config.timeCondProjDim();
  }

  @Override
  public boolean takesAdjustments() {
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
      Tensor condition = conditioning.timestepCondition();
      return new Bound(
          lease,
          pool,
          predictor(lease.get(), projected, conditioning),
          caching(lease.get(), projected, conditioning),
          text.size(0),
          text.dim() == 4 ? OptionalLong.of(text.size(1)) : OptionalLong.empty(),
          condition == null ? null : pool.adopt(compute.copy(condition)),
          cacheDepths());
    } catch (RuntimeException | Error e) {
      pool.close();
      lease.close();
      throw e;
    }
  }

  private Predictor predictor(Unet3d unet, List<Tensor> projectedText, Conditioning conditioning) {
    int microBatch = conditioning.microBatch();
    UnetAdjustments adjustments = conditioning.adjustments();
    TextPredictor predictor =
        (latents, time, text, listener) ->
            unet.forward(latents, time, text, microBatch, adjustments, null, listener);
    if (recorder != null && unet.blocksStayResident()) {
      return new GraphPredictor(predictor, projectedText, conditioning, graphs, recorder);
    }
    if (recorder != null) {
      LOGGER.log(Level.WARNING, "No CUDA graph for this generation: its blocks are offloaded");
    }
    return (latents, time, listener) -> predictor.predict(latents, time, projectedText, listener);
  }

  /** As {@link Predictor}, with a cache. */
  @FunctionalInterface
  private interface CachingPredictor {
    Tensor predict(Tensor latents, Tensor time, FeatureCache cache, BlockListener listener);
  }

  private static CachingPredictor caching(
      Unet3d unet, List<Tensor> projectedText, Conditioning conditioning) {
    int microBatch = conditioning.microBatch();
    UnetAdjustments adjustments = conditioning.adjustments();
    return (latents, time, cache, listener) ->
        unet.forward(latents, time, projectedText, microBatch, adjustments, cache, listener);
  }

  @Override
  public void close() {
    try {
      graphs.close();
    } finally {
      network.close();
    }
  }

  /** samples: of the conditioning. */
  private record Bound(
      ManagedModule<Unet3d>.Lease lease,
      NativePool pool,
      Predictor predictor,
      CachingPredictor caching,
      long samples,
      OptionalLong textFrames,
      @Nullable Tensor condition,
      int cacheDepths)
      implements BoundDenoiser {
    @Override
    public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
      return predict(latents, timestep, time -> predictor.predict(latents, time, listener));
    }

    @Override
    public Tensor predict(
        Tensor latents, double timestep, FeatureCache cache, BlockListener listener) {
      checkArgument(
          cache.depth() < cacheDepths,
          "the depth of the cache is %s, expected less than %s",
          cache.depth(),
          cacheDepths);
      return predict(latents, timestep, time -> caching.predict(latents, time, cache, listener));
    }

    private Tensor predict(Tensor latents, double timestep, UnaryOperator<Tensor> forward) {
      checkArgument(
          latents.dim() == 5 && samples % latents.size(0) == 0,
          "latents have the shape %s, expected [a divisor of %s, channels, frames, height, width]",
          Arrays.toString(HostTensors.shape(latents)),
          samples);
      textFrames.ifPresent(
          frames ->
              checkArgument(
                  latents.size(2) == frames,
                  "latents have %s frames, but the text was bound for %s",
                  latents.size(2),
                  frames));
      try (TensorScope scope = TensorScope.open()) {
        return scope.keep(forward.apply(lease.get().embedTime(timestep, condition)));
      }
    }

    @Override
    public void close() {
      try {
        predictor.close();
      } finally {
        pool.close();
        lease.close();
      }
    }
  }
}
