package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import io.t2v.device.Precision;
import io.t2v.internal.autoencoder.AutoencoderKl;
import io.t2v.internal.autoencoder.AutoencoderKlEncoder;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizer;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.WeightsDigest;
import io.t2v.internal.memory.Footprint;
import io.t2v.internal.memory.MemoryPlanner;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.CpuBfloat16;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.offload.Component;
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
  private final PipelineSettings settings;
  private final List<AutoCloseable> owned = new ArrayList<>();

  private PipelineFactory(PipelineSettings settings) {
    this.settings = settings;
  }

  /**
   * Makes the components. Weights are checked, and read when they are first needed.
   *
   * @return what the caller closes
   * @throws io.t2v.checkpoint.CheckpointException if the checkpoint is damaged, or of another kind
   * @throws IllegalArgumentException if components do not fit together
   */
  public static PipelineComponents create(PipelineSettings settings) {
    PipelineFactory factory = new PipelineFactory(settings);
    try {
      PipelineComponents components =
          settings.folder() == null
              ? factory.ofPlugIns()
              : factory.ofCheckpoint(factory.files(settings.folder()));
      requireFittingTogether(components);
      return components;
    } catch (RuntimeException | Error e) {
      PipelineComponents.closeAll(factory.owned);
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
        new MemoryPlanner(Map.of(), List.of(), settings.device(), 0),
        true,
        () -> "",
        List.of());
  }

  private PipelineComponents ofCheckpoint(CheckpointFiles files) {
    MemoryPlanner memory =
        new MemoryPlanner(
            footprints(files, this::compute, settings.vaeTiling()),
            cheaperWays(files),
            settings.device(),
            settings.memoryLimit());
    OffloadPolicy policy =
        memory.settle(settings.offload(), () -> UnetDenoiser.typicalWorkload(files.unetConfig()));
    TextEncoder textEncoder =
        settings.textEncoder() != null
            ? settings.textEncoder()
            : own(
                new CachingTextEncoder(textEncoder(files, policy)), settings.textEncoderWrapper());
    Unet3dDenoiser denoiser =
        settings.denoiser() != null
            ? settings.denoiser()
            : own(unet(files, policy), settings.denoiserWrapper());
    VaeDecoder decoder =
        settings.vaeDecoder() != null
            ? settings.vaeDecoder()
            : own(autoencoder(files, policy), settings.vaeDecoderWrapper());
    return new PipelineComponents(
        textEncoder,
        vaeEncoder(files, policy),
        denoiser,
        decoder,
        scheduler(files),
        files.frames(),
        memory,
        settings.denoiser() != null || policy.residency(Component.DENOISER) == Residency.KEPT,
        Suppliers.memoize(() -> WeightsDigest.of(weights(files))),
        owned);
  }

  /** Of the networks that the checkpoint gives. */
  private List<TensorFiles> weights(CheckpointFiles files) {
    List<TensorFiles> weights = new ArrayList<>();
    if (settings.textEncoder() == null) {
      weights.add(files.textEncoderWeights());
    }
    if (settings.denoiser() == null) {
      weights.add(files.unetWeights());
    }
    if (settings.vaeDecoder() == null) {
      weights.add(files.vaeWeights());
    }
    return weights;
  }

  private ClipTextEncoder textEncoder(CheckpointFiles files, OffloadPolicy policy) {
    return ClipTextEncoder.open(
        files.textEncoderConfig(),
        files.textEncoderWeights(),
        files.tokenizerFolder().map(ClipTokenizer::load).orElseGet(ClipTokenizer::openClip),
        settings.learnedWords(),
        placement(Component.TEXT_ENCODER, policy));
  }

  private UnetDenoiser unet(CheckpointFiles files, OffloadPolicy policy) {
    Placement placement = placement(Component.DENOISER, policy);
    return settings.cudaGraphs()
        ? UnetDenoiser.openWithCudaGraphs(files.unetConfig(), files.unetWeights(), placement)
        : UnetDenoiser.open(files.unetConfig(), files.unetWeights(), placement);
  }

  private AutoencoderKl autoencoder(CheckpointFiles files, OffloadPolicy policy) {
    return AutoencoderKl.open(
        files.vaeConfig(),
        files.vaeWeights(),
        settings.vaeTiling(),
        placement(Component.VAE_DECODER, policy));
  }

  /** A decoder that is a plug-in has other latents: the checkpoint's encoder is of no use to it. */
  private Optional<VaeEncoder> vaeEncoder(CheckpointFiles files, OffloadPolicy policy) {
    if (settings.vaeEncoder() != null || settings.vaeDecoder() != null) {
      return Optional.ofNullable(settings.vaeEncoder());
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
      CheckpointFiles files,
      Function<Component, ComputeConfig> computes,
      @Nullable VaeTiling tiling) {
    Map<Component, Supplier<Footprint>> footprints = new EnumMap<>(Component.class);
    if (settings.textEncoder() == null) {
      footprints.put(
          Component.TEXT_ENCODER,
          () ->
              ClipTextEncoder.footprint(
                  files.textEncoderConfig(),
                  files.textEncoderWeights(),
                  computes.apply(Component.TEXT_ENCODER)));
    }
    if (settings.denoiser() == null) {
      footprints.put(
          Component.DENOISER,
          () ->
              UnetDenoiser.footprint(
                  files.unetConfig(), files.unetWeights(), computes.apply(Component.DENOISER)));
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
  private List<MemoryPlanner.Change> cheaperWays(CheckpointFiles files) {
    List<MemoryPlanner.Change> changes = new ArrayList<>();
    if (settings.vaeTiling() == null && settings.vaeDecoder() == null) {
      VaeTiling tiles = AutoencoderKl.defaultTiling(files.vaeConfig());
      changes.add(
          new MemoryPlanner.Change(
              "vaeTiling(new VaeTiling(" + tiles.tileSize() + ", " + tiles.overlap() + "))",
              footprints(files, this::compute, tiles)));
    }
    Precision own = settings.precisions().of(Component.DENOISER);
    for (Precision smaller : smallerThan(own)) {
      changes.add(
          new MemoryPlanner.Change(
              "precision(Precision." + smaller.name() + ")",
              footprints(
                  files,
                  component -> ComputeConfig.on(settings.device(), smaller),
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

  private ComputeConfig compute(Component component) {
    return ComputeConfig.on(settings.device(), settings.precisions().of(component));
  }

  /** A wrapper is closed before what it wraps, whether or not it closes that itself. */
  private <C extends AutoCloseable> C own(C component, UnaryOperator<C> wrapper) {
    owned.add(0, component);
    C wrapped = requireNonNull(wrapper.apply(component), "a wrapper returned null");
    if (wrapped != component) {
      owned.add(0, wrapped);
    }
    return wrapped;
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
