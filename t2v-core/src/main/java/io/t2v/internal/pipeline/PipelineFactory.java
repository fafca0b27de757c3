package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import io.t2v.device.GpuOptimization;
import io.t2v.device.Precision;
import io.t2v.internal.adapter.ScaledAdapter;
import io.t2v.internal.autoencoder.AutoencoderKl;
import io.t2v.internal.autoencoder.AutoencoderKlEncoder;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizer;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.WeightsDigest;
import io.t2v.internal.io.ByteSize;
import io.t2v.internal.memory.Footprint;
import io.t2v.internal.memory.MemoryPlanner;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.memory.Workload;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.CpuBfloat16;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.scheduler.Schedulers;
import io.t2v.text.TextEncoder;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.vae.VaeDecoder;
import io.t2v.vae.VaeEncoder;
import io.t2v.vae.VaeTiling;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes the components of a pipeline: plug-ins are taken as they are, the others are opened. */
public final class PipelineFactory {
  private static final Logger LOGGER = System.getLogger(PipelineFactory.class.getName());

  /** More frames in a batch keep no device busier. */
  private static final int MOST_DECODED = 8;

  private final PipelineSettings settings;
  private final List<AutoCloseable> owned = new ArrayList<>();

  /** Whether layers keep weights no larger than they are, since memory is short. */
  private boolean smallWeights;

  private PipelineFactory(PipelineSettings settings, boolean smallWeights) {
    this.settings = settings;
    this.smallWeights = smallWeights;
  }

  /** The components of a checkpoint, as shares. */
  private record Shares(
      Shared<TextEncoder> textEncoder,
      Shared<Unet3dDenoiser> denoiser,
      Shared<VaeDecoder> vaeDecoder,
      Optional<Shared<VaeEncoder>> vaeEncoder) {}

  /**
   * Makes the components. Weights are checked, and read when they are first needed.
   *
   * @return what the caller closes
   * @throws io.t2v.checkpoint.CheckpointException if the checkpoint is damaged, or of another kind,
   *     or an adapter does not fit it
   * @throws IllegalArgumentException if components do not fit together
   */
  public static PipelineComponents create(PipelineSettings settings) {
    return new PipelineFactory(settings, false).create();
  }

  private PipelineComponents create() {
    if (!settings.gpuOptimizations().equals(settings.gpuOptimizationsInUse())) {
      LOGGER.log(
          Level.WARNING,
          "gpuOptimizations {0} are for CUDA devices and are ignored on {1}: leave them out",
          settings.gpuOptimizations(),
          settings.device());
    }
    return closingAfterFailure(
        () -> {
          PipelineComponents components =
              settings.folder() == null
                  ? ofPlugIns()
                  : ofCheckpoint(
                      owning(AdaptedCheckpoint.open(files(settings.folder()), settings)));
          requireFittingTogether(components);
          return components;
        });
  }

  private PipelineComponents closingAfterFailure(Supplier<PipelineComponents> maker) {
    try {
      return maker.get();
    } catch (RuntimeException | Error e) {
      PipelineComponents.closeAll(owned);
      throw e;
    }
  }

  private CheckpointFiles files(Path folder) {
    CheckpointFiles files = CheckpointFiles.open(folder, settings.variant(), settings.strict());
    if (settings.vaeFrom() != null) {
      files = files.withVaeFrom(settings.vaeFrom(), settings.variant());
    }
    return settings.unetWeights() == null ? files : files.withUnetWeights(settings.unetWeights());
  }

  private PipelineComponents ofPlugIns() {
    return new PipelineComponents(
        requireNonNull(settings.textEncoder()),
        Optional.ofNullable(settings.vaeEncoder()),
        requireNonNull(settings.denoiser()),
        requireNonNull(settings.vaeDecoder()),
        requireNonNull(settings.scheduler()).fromConfig(new SchedulerConfig("", Map.of())),
        OptionalInt.empty(),
        new MemoryPlanner(Map.of(), List.of(), settings.device(), 0, 1),
        true,
        () -> "",
        adapters -> {
          throw new IllegalStateException(
              "adapters change the networks of a checkpoint, but this pipeline has none");
        },
        List.of());
  }

  private PipelineComponents ofCheckpoint(AdaptedCheckpoint checkpoint) {
    MemoryPlanner memory = memoryWithFittingWeights(checkpoint);
    OffloadPolicy policy =
        memory.settle(
            settings.offload(),
            () -> UnetDenoiser.typicalWorkload(checkpoint.files().unetConfig()));
    return components(
        checkpoint,
        new Shares(
            textEncoder(checkpoint, policy),
            denoiser(checkpoint, policy),
            vaeDecoder(checkpoint.files(), policy),
            vaeEncoder(checkpoint.files(), policy)),
        scheduler(checkpoint.files()),
        memory);
  }

  /**
   * Settles whether convolutions do without minimal filtering, whose kernels take twice the memory:
   * they do if the usual generation fits with the wanted policy that way alone.
   */
  private MemoryPlanner memoryWithFittingWeights(AdaptedCheckpoint checkpoint) {
    MemoryPlanner fastPlanner = memory(checkpoint);
    if (!settings.device().isCpu() || settings.denoiser() != null) {
      return fastPlanner;
    }
    Workload typical = UnetDenoiser.typicalWorkload(checkpoint.files().unetConfig());
    OffloadPolicy policy =
        settings.offload() == OffloadPolicy.auto() ? OffloadPolicy.none() : settings.offload();
    MemoryPlan fast = fastPlanner.planWith(policy, typical);
    if (fast.fits()) {
      return fastPlanner;
    }
    smallWeights = true;
    MemoryPlanner smallPlanner = memory(checkpoint);
    MemoryPlan small = smallPlanner.planWith(policy, typical);
    if (!small.fits() || small.peakBytes() >= fast.peakBytes()) {
      smallWeights = false;
      return fastPlanner;
    }
    LOGGER.log(
        Level.INFO,
        "Convolutions do without minimal filtering: with it a generation would take {0}, without"
            + " it takes {1}, of {2} that are free",
        ByteSize.gib(fast.peakBytes()),
        ByteSize.gib(small.peakBytes()),
        ByteSize.gib(fast.availableBytes()));
    return smallPlanner;
  }

  private PipelineComponents components(
      AdaptedCheckpoint checkpoint, Shares shares, Scheduler scheduler, MemoryPlanner memory) {
    return new PipelineComponents(
        shares.textEncoder().get(),
        shares.vaeEncoder().map(Shared::get),
        shares.denoiser().get(),
        shares.vaeDecoder().get(),
        scheduler,
        checkpoint.files().frames(),
        memory,
        settings.denoiser() != null
            || memory.used().residency(Component.DENOISER) == Residency.KEPT,
        Suppliers.memoize(() -> WeightsDigest.of(weights(checkpoint))),
        adapters ->
            new PipelineFactory(settings, smallWeights)
                .withAdapters(adapters, checkpoint, shares, scheduler, memory),
        owned);
  }

  /** Of the networks that the checkpoint gives. */
  private List<TensorFiles> weights(AdaptedCheckpoint checkpoint) {
    List<TensorFiles> weights = new ArrayList<>();
    if (settings.textEncoder() == null) {
      weights.add(checkpoint.textEncoderWeights());
    }
    if (settings.denoiser() == null) {
      weights.add(checkpoint.unetWeights());
    }
    if (settings.vaeDecoder() == null) {
      weights.add(checkpoint.files().vaeWeights());
    }
    return weights;
  }

  /** Shares what the adapters do not change, and makes the rest anew, on the files as they were. */
  private PipelineComponents withAdapters(
      List<? extends ScaledAdapter> adapters,
      AdaptedCheckpoint former,
      Shares shares,
      Scheduler scheduler,
      MemoryPlanner formerMemory) {
    return closingAfterFailure(
        () -> {
          AdaptedCheckpoint checkpoint = owning(former.withAdapters(adapters));
          MemoryPlanner memory = memory(checkpoint);
          OffloadPolicy policy =
              memory.settle(
                  formerMemory.used(),
                  () -> UnetDenoiser.typicalWorkload(checkpoint.files().unetConfig()));
          memory.share(Component.VAE_DECODER, formerMemory);
          memory.share(Component.VAE_ENCODER, formerMemory);
          Shared<TextEncoder> textEncoder;
          if (checkpoint.patches().textEncoder().equals(former.patches().textEncoder())) {
            textEncoder = owning(shares.textEncoder().share());
            memory.share(Component.TEXT_ENCODER, formerMemory);
          } else {
            textEncoder = textEncoder(checkpoint, policy);
          }
          Shared<Unet3dDenoiser> denoiser;
          if (checkpoint.patches().unet().equals(former.patches().unet())) {
            denoiser = owning(shares.denoiser().share());
            memory.share(Component.DENOISER, formerMemory);
          } else {
            denoiser = denoiser(checkpoint, policy);
          }
          return components(
              checkpoint,
              new Shares(
                  textEncoder,
                  denoiser,
                  owning(shares.vaeDecoder().share()),
                  shares.vaeEncoder().map(encoder -> owning(encoder.share()))),
              scheduler,
              memory);
        });
  }

  private MemoryPlanner memory(AdaptedCheckpoint checkpoint) {
    return new MemoryPlanner(
        footprints(checkpoint, this::compute, settings.vaeTiling()),
        cheaperWays(checkpoint),
        settings.device(),
        settings.memoryLimit(),
        uses(GpuOptimization.BATCHED_DECODING) && settings.vaeDecoder() == null ? MOST_DECODED : 1);
  }

  private Shared<TextEncoder> textEncoder(AdaptedCheckpoint checkpoint, OffloadPolicy policy) {
    if (settings.textEncoder() != null) {
      return Shared.of(settings.textEncoder(), List.of());
    }
    CheckpointFiles files = checkpoint.files();
    return own(
        new CachingTextEncoder(
            ClipTextEncoder.open(
                files.textEncoderConfig(),
                checkpoint.openTextEncoder(),
                files.tokenizerFolder().map(ClipTokenizer::load).orElseGet(ClipTokenizer::openClip),
                settings.learnedWords(),
                placement(Component.TEXT_ENCODER, policy))),
        settings.textEncoderWrapper());
  }

  private Shared<Unet3dDenoiser> denoiser(AdaptedCheckpoint checkpoint, OffloadPolicy policy) {
    if (settings.denoiser() != null) {
      return Shared.of(settings.denoiser(), List.of());
    }
    Placement placement = placement(Component.DENOISER, policy);
    JsonConfig config = checkpoint.files().unetConfig();
    return own(
        settings.cudaGraphs()
            ? UnetDenoiser.openWithCudaGraphs(config, checkpoint.openUnet(), placement)
            : UnetDenoiser.open(config, checkpoint.openUnet(), placement, null),
        settings.denoiserWrapper());
  }

  private Shared<VaeDecoder> vaeDecoder(CheckpointFiles files, OffloadPolicy policy) {
    if (settings.vaeDecoder() != null) {
      return Shared.of(settings.vaeDecoder(), List.of());
    }
    return own(
        AutoencoderKl.open(
            files.vaeConfig(),
            files.vaeWeights(),
            settings.vaeTiling(),
            placement(Component.VAE_DECODER, policy)),
        settings.vaeDecoderWrapper());
  }

  /** A decoder that is a plug-in has other latents: the checkpoint's encoder is of no use to it. */
  private Optional<Shared<VaeEncoder>> vaeEncoder(CheckpointFiles files, OffloadPolicy policy) {
    if (settings.vaeEncoder() != null || settings.vaeDecoder() != null) {
      return Optional.ofNullable(settings.vaeEncoder())
          .map(encoder -> Shared.of(encoder, List.of()));
    }
    VaeEncoder encoder =
        AutoencoderKlEncoder.open(
            files.vaeConfig(),
            files.vaeWeights(),
            settings.vaeTiling(),
            placement(Component.VAE_ENCODER, policy));
    return Optional.of(own(encoder, settings.vaeEncoderWrapper()));
  }

  private Scheduler scheduler(CheckpointFiles files) {
    SchedulerFactory factory = settings.scheduler();
    if (factory instanceof FixedScheduler fixed) {
      return fixed.scheduler();
    }
    JsonConfig json = files.schedulerConfig();
    SchedulerConfig read = SchedulerConfig.fromFields(json.fields(), json.origin());
    SchedulerConfig config = settings.strict() ? read.asStrict() : read;
    return factory == null ? Schedulers.fromConfig(config) : factory.fromConfig(config);
  }

  /** Of the networks that the checkpoint gives; each is worked out when it is asked for. */
  private Map<Component, Supplier<Footprint>> footprints(
      AdaptedCheckpoint checkpoint,
      Function<Component, ComputeConfig> computes,
      @Nullable VaeTiling tiling) {
    CheckpointFiles files = checkpoint.files();
    Map<Component, Supplier<Footprint>> footprints = new EnumMap<>(Component.class);
    if (settings.textEncoder() == null) {
      footprints.put(
          Component.TEXT_ENCODER,
          () ->
              ClipTextEncoder.footprint(
                  files.textEncoderConfig(),
                  checkpoint.textEncoderWeights(),
                  computes.apply(Component.TEXT_ENCODER)));
    }
    if (settings.denoiser() == null) {
      footprints.put(
          Component.DENOISER,
          () ->
              UnetDenoiser.footprint(
                  files.unetConfig(),
                  checkpoint.unetWeights(),
                  computes.apply(Component.DENOISER)));
    }
    if (settings.vaeDecoder() == null) {
      footprints.put(
          Component.VAE_DECODER,
          () ->
              AutoencoderKl.footprint(
                  files.vaeConfig(),
                  files.vaeWeights(),
                  tiling,
                  computes.apply(Component.VAE_DECODER)));
    }
    if (settings.vaeEncoder() == null && settings.vaeDecoder() == null) {
      footprints.put(
          Component.VAE_ENCODER,
          () ->
              AutoencoderKlEncoder.footprint(
                  files.vaeConfig(),
                  files.vaeWeights(),
                  tiling,
                  computes.apply(Component.VAE_ENCODER)));
    }
    footprints.replaceAll((component, footprint) -> Suppliers.memoize(footprint::get));
    return footprints;
  }

  /** How the networks could be made to take less memory, the change that costs the least first. */
  private List<MemoryPlanner.Change> cheaperWays(AdaptedCheckpoint checkpoint) {
    List<MemoryPlanner.Change> changes = new ArrayList<>();
    if (settings.vaeTiling() == null && settings.vaeDecoder() == null) {
      VaeTiling tiles = AutoencoderKl.defaultTiling(checkpoint.files().vaeConfig());
      changes.add(
          new MemoryPlanner.Change(
              "vaeTiling(new VaeTiling(" + tiles.tileSize() + ", " + tiles.overlap() + "))",
              footprints(checkpoint, this::compute, tiles)));
    }
    Precision own = settings.precisions().of(Component.DENOISER);
    for (Precision smaller : smallerThan(own)) {
      changes.add(
          new MemoryPlanner.Change(
              "precision(Precision." + smaller.name() + ")",
              footprints(
                  checkpoint,
                  component -> ComputeConfig.on(settings.device(), smaller, settings.threads()),
                  settings.vaeTiling())));
    }
    return changes;
  }

  private List<Precision> smallerThan(Precision own) {
    List<Precision> others = Precision.smallerThan(own, settings.device());
    boolean fastIn16Bits =
        own == Precision.FLOAT32
            && settings.device().isCpu()
            && CpuBfloat16.ofThisMachine().supported();
    return fastIn16Bits
        ? ImmutableList.<Precision>builder().add(Precision.BFLOAT16).addAll(others).build()
        : others;
  }

  private Placement placement(Component component, OffloadPolicy policy) {
    return new Placement(component, policy, compute(component));
  }

  private boolean uses(GpuOptimization optimization) {
    return settings.gpuOptimizationsInUse().contains(optimization);
  }

  private ComputeConfig compute(Component component) {
    ComputeConfig compute =
        ComputeConfig.on(settings.device(), settings.precisions().of(component), settings.threads())
            .withOptimizations(settings.gpuOptimizationsInUse());
    return smallWeights ? compute.withSmallWeights() : compute;
  }

  /** A wrapper is closed before what it wraps, whether or not it closes that itself. */
  private <C extends AutoCloseable> Shared<C> own(C component, UnaryOperator<C> wrapper) {
    Shared<C> unwrapped = owning(Shared.of(component, List.of(component)));
    C wrapped = requireNonNull(wrapper.apply(component), "a wrapper returned null");
    if (wrapped == component) {
      return unwrapped;
    }
    owned.remove(unwrapped);
    return owning(Shared.of(wrapped, List.of(wrapped, component)));
  }

  private <T extends AutoCloseable> T owning(T made) {
    owned.add(0, made);
    return made;
  }

  private static void requireFittingTogether(PipelineComponents components) {
    requireSame(
        "text width",
        "the text encoder's",
        components.textEncoder().width(),
        "the denoiser's",
        components.denoiser().textWidth());
    requireSame(
        "number of latent channels",
        "the denoiser's",
        components.denoiser().inChannels(),
        "the decoder's",
        components.vaeDecoder().latentChannels());
    requireSame(
        "number of latent channels",
        "the denoiser's",
        components.denoiser().inChannels(),
        "its prediction's",
        components.denoiser().outChannels());
  }

  private static void requireSame(
      String what, String firstOwner, int first, String secondOwner, int second) {
    checkArgument(
        first == second,
        "the %s differs: %s is %s, %s is %s",
        what,
        firstOwner,
        first,
        secondOwner,
        second);
  }
}
