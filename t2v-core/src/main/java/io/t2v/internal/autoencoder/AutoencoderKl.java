package io.t2v.internal.autoencoder;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.device.GpuOptimization;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.memory.Footprint;
import io.t2v.internal.memory.ManagedModule;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.memory.WeightFootprint;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.vae.LatentDistribution;
import io.t2v.vae.VaeDecoder;
import io.t2v.vae.VaeEncoder;
import io.t2v.vae.VaeTiling;
import java.util.Arrays;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * The autoencoder of a checkpoint. The weights of its encoder and of its decoder are read when each
 * is first needed.
 *
 * <p>Large images are computed one by one, and small ones in batches, so that memory does not grow
 * with the number of images; with {@link GpuOptimization#BATCHED_DECODING}, latents are decoded as
 * they are given. Thread-safe.
 */
public final class AutoencoderKl implements VaeDecoder {
  /** Pixels of a batch of images. Larger batches take more memory and are no faster. */
  private static final long BATCH_PIXELS = 128 * 128;

  private static final double LOWEST_LOGVAR = -30;
  private static final double HIGHEST_LOGVAR = 20;

  private final VaeConfig config;
  private final @Nullable VaeTiling tiling;
  private final ManagedModule<Decoder> decoder;
  private final ManagedModule<Encoder> encoder;
  private final ComputeConfig compute;

  private AutoencoderKl(
      VaeConfig config,
      @Nullable VaeTiling tiling,
      ManagedModule<Decoder> decoder,
      ManagedModule<Encoder> encoder,
      ComputeConfig compute) {
    this.config = config;
    this.tiling = tiling;
    this.decoder = decoder;
    this.encoder = encoder;
    this.compute = compute;
  }

  /** As {@link #open(JsonConfig, TensorFiles, VaeTiling)}, without tiles. */
  public static AutoencoderKl open(JsonConfig json, TensorFiles files) {
    return open(json, files, null);
  }

  /** As {@link #open(JsonConfig, TensorFiles, VaeTiling, Placement)}, on the CPU. */
  public static AutoencoderKl open(JsonConfig json, TensorFiles files, @Nullable VaeTiling tiling) {
    return open(json, files, tiling, new Placement(Component.VAE_DECODER, OffloadPolicy.none()));
  }

  /**
   * Checks the configuration against the weights, without reading these.
   *
   * @param json config of an AutoencoderKL
   * @param tiling null to compute images of any size as a whole
   * @param placement of encoder and decoder, each as a whole: they are too small to be offloaded
   *     block by block
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static AutoencoderKl open(
      JsonConfig json, TensorFiles files, @Nullable VaeTiling tiling, Placement placement) {
    VaeConfig config = VaeConfig.read(json);
    Weights.check(files, Set.of(), weights -> build(config, weights));
    return new AutoencoderKl(
        config,
        tiling,
        placement.placeWhole(files, Weights.Form.PACKED, weights -> new Decoder(config, weights)),
        placement.placeWhole(files, Weights.Form.PACKED, weights -> new Encoder(config, weights)),
        placement.compute());
  }

  /**
   * Returns the reference's choice: tiles of the training images' size that overlap by a quarter.
   */
  public static VaeTiling defaultTiling(JsonConfig json) {
    VaeConfig config = VaeConfig.read(json);
    int tile = Math.max(1, config.sampleSize() / config.scaleFactor());
    return new VaeTiling(tile, tile / 4);
  }

  /**
   * Lists the parameters that a configuration needs.
   *
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible
   */
  public static void listParameters(JsonConfig json, Weights.ParameterListener listener) {
    VaeConfig config = VaeConfig.read(json);
    Weights.list(weights -> build(config, weights), listener);
  }

  /**
   * Works out the memory that the decoder takes, without reading its weights.
   *
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
            (meta, submodules) ->
                submodules.part("decoder", meta, own -> new Decoder(config, own)));
    ToLongFunction<Workload> activations =
        workload -> AutoencoderActivations.ofDecoder(config, tiling, workload, compute);
    return new Footprint(weights.undivided(compute.isCompact()), activations, activations);
  }

  private static void build(VaeConfig config, Weights weights) {
    new Decoder(config, weights);
    new Encoder(config, weights);
  }

  @Override
  public int latentChannels() {
    return config.latentChannels();
  }

  @Override
  public int scaleFactor() {
    return config.scaleFactor();
  }

  /** What encoded latents are multiplied by before the denoiser sees them. */
  public double scalingFactor() {
    return config.scalingFactor();
  }

  /** Keeps the encoder's weights in memory until the result is closed. */
  public VaeEncoder.Hold holdEncoder() {
    return encoder.acquire()::close;
  }

  @Override
  public Hold hold() {
    return decoder.acquire()::close;
  }

  @Override
  public Tensor decode(Tensor latents) {
    requireImages("latents", latents, config.latentChannels(), 1);
    long factor = config.scaleFactor();
    try (ManagedModule<Decoder>.Lease lease = decoder.acquire();
        TensorScope scope = TensorScope.open()) {
      Tensor unscaled = compute.toCompute(latents.mul(new Scalar(1 / config.scalingFactor())));
      long[] outSize = {
        latents.size(0), config.outChannels(), latents.size(2) * factor, latents.size(3) * factor
      };
      Tiles tiles = tiling == null ? null : Tiles.decoding(tiling, factor);
      return scope.keep(
          ComputeConfig.toFloat32(
              inBatches(unscaled, decodeBatch(outSize), outSize, tiles, lease.get()::forward)));
    }
  }

  /** size: of all images. */
  private long decodeBatch(long[] size) {
    return compute.uses(GpuOptimization.BATCHED_DECODING) ? size[0] : batchOf(size[2] * size[3]);
  }

  private static long batchOf(long pixels) {
    return Math.max(1, BATCH_PIXELS / pixels);
  }

  /**
   * Encodes images, as {@link VaeEncoder#encode} says.
   *
   * <p>Images that are divided into tiles need a height and a width that are multiples of {@link
   * #scaleFactor}.
   */
  public LatentDistribution encode(Tensor images) {
    long factor = config.scaleFactor();
    requireImages("images", images, config.inChannels(), factor);
    Tiles tiles = tiling == null ? null : Tiles.encoding(tiling, factor);
    checkArgument(
        tiles == null
            || !tiles.divides(images)
            || (images.size(2) % factor == 0 && images.size(3) % factor == 0),
        "images have the shape %s, expected multiples of %s as height and width to cut into tiles",
        Arrays.toString(HostTensors.shape(images)),
        factor);
    try (ManagedModule<Encoder>.Lease lease = encoder.acquire();
        TensorScope scope = TensorScope.open()) {
      long channels = config.latentChannels();
      long[] outSize = {
        images.size(0), 2 * channels, images.size(2) / factor, images.size(3) / factor
      };
      Tensor input = compute.toCompute(images);
      long batch = batchOf(input.size(2) * input.size(3));
      Tensor moments =
          ComputeConfig.toFloat32(inBatches(input, batch, outSize, tiles, lease.get()::forward));
      Tensor logvar =
          moments
              .narrow(1, channels, channels)
              .clamp(
                  new ScalarOptional(new Scalar(LOWEST_LOGVAR)),
                  new ScalarOptional(new Scalar(HIGHEST_LOGVAR)));
      return new LatentDistribution(
          scope.keep(moments.narrow(1, 0, channels).clone()), scope.keep(logvar));
    }
  }

  private static void requireImages(String what, Tensor x, long channels, long smallest) {
    checkArgument(
        x.dim() == 4
            && x.size(0) >= 1
            && x.size(1) == channels
            && x.size(2) >= smallest
            && x.size(3) >= smallest,
        "%s have the shape %s, expected [n, %s, at least %s, at least %s]",
        what,
        Arrays.toString(HostTensors.shape(x)),
        channels,
        smallest,
        smallest);
  }

  private Tensor inBatches(
      Tensor x, long batch, long[] outSize, @Nullable Tiles tiles, UnaryOperator<Tensor> network) {
    if (x.size(0) <= batch) {
      return compute(x, outSize, tiles, network);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor out =
          torch.empty(outSize, x.options(), new MemoryFormatOptional(MemoryFormat.ChannelsLast));
      for (long start = 0; start < x.size(0); start += batch) {
        try (TensorScope batchScope = TensorScope.open()) {
          long count = Math.min(batch, x.size(0) - start);
          long[] size = outSize.clone();
          size[0] = count;
          out.narrow(0, start, count)
              .copy_(compute(x.narrow(0, start, count), size, tiles, network));
        }
      }
      return scope.keep(out);
    }
  }

  private static Tensor compute(
      Tensor x, long[] outSize, @Nullable Tiles tiles, UnaryOperator<Tensor> network) {
    return tiles == null || !tiles.divides(x) ? network.apply(x) : tiles.run(x, outSize, network);
  }

  @Override
  public void close() {
    decoder.close();
    encoder.close();
  }
}
