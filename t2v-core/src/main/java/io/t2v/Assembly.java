package io.t2v;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Ascii;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.Checkpoint;
import io.t2v.device.Device;
import io.t2v.device.Precision;
import io.t2v.offload.Component;
import io.t2v.offload.Footprint;
import io.t2v.offload.MemoryPlanner;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Placement;
import io.t2v.offload.Residency;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.scheduler.Schedulers;
import io.t2v.text.ClipTextEncoder;
import io.t2v.text.ClipTokenizer;
import io.t2v.text.RememberingTextEncoder;
import io.t2v.text.TextEncoder;
import io.t2v.torch.Compute;
import io.t2v.torch.TorchRuntime;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.unet.UnetDenoiser;
import io.t2v.vae.AutoencoderKl;
import io.t2v.vae.VaeDecoder;
import io.t2v.vae.VaeTiling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts the components of a pipeline together: those that were given to its builder, and the others
 * of the checkpoint.
 */
final class Assembly {
  private final TextToVideoPipeline.Builder settings;
  private final Device device;

  /** device: a real one, for what the checkpoint gives. */
  Assembly(TextToVideoPipeline.Builder settings, Device device) {
    this.settings = settings;
    this.device = device;
  }

  /**
   * Opens what was not given.
   *
   * @param folder of the checkpoint; null if everything was given
   * @param owned takes what is opened, also if something fails later
   */
  Components components(@Nullable Path folder, List<AutoCloseable> owned) {
    if (folder == null) {
      return new Components(
          require(settings.textEncoder),
          require(settings.denoiser),
          require(settings.vaeDecoder),
          require(settings.scheduler).fromConfig(new SchedulerConfig("", Map.of())),
          GenerationRequest.DEFAULT_FRAMES,
          new MemoryPlanner(Map.of(), List.of(), device, 0),
          true,
          ImmutableList.of());
    }
    Checkpoint source = source(folder);
    MemoryPlanner memory =
        new MemoryPlanner(
            footprints(source, this::compute, settings.vaeTiling),
            changes(source),
            device,
            settings.memoryLimit);
    OffloadPolicy policy =
        memory.settle(
            settings.offload == null ? OffloadPolicy.none() : settings.offload,
            () -> UnetDenoiser.typicalWorkload(source.unetConfig()));
    TextEncoder usedTextEncoder = settings.textEncoder;
    if (usedTextEncoder == null) {
      usedTextEncoder =
          own(
              owned,
              new RememberingTextEncoder(
                  ClipTextEncoder.open(
                      source.textEncoderConfig(),
                      source.textEncoderWeights(),
                      source
                          .tokenizerFolder()
                          .map(ClipTokenizer::load)
                          .orElseGet(ClipTokenizer::openClip),
                      placement(Component.TEXT_ENCODER, policy))));
    }
    Unet3dDenoiser usedDenoiser = settings.denoiser;
    if (usedDenoiser == null) {
      usedDenoiser = own(owned, unet(source, placement(Component.DENOISER, policy)));
    }
    VaeDecoder usedDecoder = settings.vaeDecoder;
    if (usedDecoder == null) {
      usedDecoder =
          own(
              owned,
              AutoencoderKl.open(
                  source.vaeConfig(),
                  source.vaeWeights(),
                  settings.vaeTiling,
                  placement(Component.VAE_DECODER, policy)));
    }
    SchedulerFactory factory =
        settings.scheduler == null ? Schedulers::fromConfig : settings.scheduler;
    return new Components(
        usedTextEncoder,
        usedDenoiser,
        usedDecoder,
        factory.fromConfig(
            settings.schedulerIsConfigured
                ? new SchedulerConfig("", Map.of())
                : SchedulerConfig.fromFields(
                    source.schedulerConfig().fields(), source.schedulerConfig().origin())),
        source.frames().orElse(GenerationRequest.DEFAULT_FRAMES),
        memory,
        settings.denoiser != null || policy.residency(Component.DENOISER) == Residency.KEPT,
        ImmutableList.copyOf(owned));
  }

  private UnetDenoiser unet(Checkpoint source, Placement placement) {
    return settings.cudaGraphs == null || !settings.cudaGraphs
        ? UnetDenoiser.open(source.unetConfig(), source.unetWeights(), placement)
        : UnetDenoiser.openWithCudaGraphs(source.unetConfig(), source.unetWeights(), placement);
  }

  /** Of the networks that the checkpoint gives; each is worked out when it is asked for. */
  private Map<Component, Supplier<Footprint>> footprints(
      Checkpoint source, Function<Component, Compute> computes, @Nullable VaeTiling tiling) {
    Map<Component, Supplier<Footprint>> footprints = new EnumMap<>(Component.class);
    if (settings.textEncoder == null) {
      footprints.put(
          Component.TEXT_ENCODER,
          Suppliers.memoize(
              () ->
                  ClipTextEncoder.footprint(
                      source.textEncoderConfig(),
                      source.textEncoderWeights(),
                      computes.apply(Component.TEXT_ENCODER))));
    }
    if (settings.denoiser == null) {
      footprints.put(
          Component.DENOISER,
          Suppliers.memoize(
              () ->
                  UnetDenoiser.footprint(
                      source.unetConfig(),
                      source.unetWeights(),
                      computes.apply(Component.DENOISER))));
    }
    if (settings.vaeDecoder == null) {
      footprints.put(
          Component.VAE_DECODER,
          Suppliers.memoize(
              () ->
                  AutoencoderKl.footprint(
                      source.vaeConfig(),
                      source.vaeWeights(),
                      tiling,
                      computes.apply(Component.VAE_DECODER))));
    }
    return footprints;
  }

  /** What the networks could be made with instead, from the cheapest change on. */
  private List<MemoryPlanner.Change> changes(Checkpoint source) {
    List<MemoryPlanner.Change> changes = new ArrayList<>();
    if (settings.vaeTiling == null && settings.vaeDecoder == null) {
      VaeTiling tiles = VaeTiling.fromConfig(source.vaeConfig());
      changes.add(
          new MemoryPlanner.Change(
              "vaeTiling(new VaeTiling(" + tiles.tileSize() + ", " + tiles.overlap() + "))",
              footprints(source, this::compute, tiles)));
    }
    for (Precision smaller : Precision.smallerThan(precisionOf(Component.DENOISER), device)) {
      changes.add(
          new MemoryPlanner.Change(
              "precision(Precision." + smaller.name() + ")",
              footprints(source, component -> Compute.on(device, smaller), settings.vaeTiling)));
    }
    return changes;
  }

  private Placement placement(Component component, OffloadPolicy policy) {
    return new Placement(component, policy, compute(component));
  }

  private Compute compute(Component component) {
    return Compute.on(device, precisionOf(component));
  }

  private Precision precisionOf(Component component) {
    Precision ofAll =
        settings.precision == null ? Precision.defaultFor(device) : settings.precision;
    return settings.precisions.getOrDefault(component, ofAll);
  }

  private Checkpoint source(Path path) {
    Checkpoint source = Checkpoint.open(path, settings.variant);
    if (settings.vaeSource != null) {
      source = source.withVaeFrom(settings.vaeSource, settings.variant);
    }
    return settings.unetWeights == null ? source : source.withUnetWeights(settings.unetWeights);
  }

  private static <C extends AutoCloseable> C own(List<AutoCloseable> owned, C component) {
    owned.add(component);
    return component;
  }

  private static <T> T require(@Nullable T part) {
    return requireNonNull(part);
  }

  /** What every video of the pipeline comes from, for its provenance. */
  Map<String, Object> origin(@Nullable Object source) {
    ImmutableMap.Builder<String, Object> origin = ImmutableMap.builder();
    if (source != null) {
      origin.put(Provenance.CHECKPOINT, source.toString());
    }
    if (settings.variant != null) {
      origin.put(Provenance.VARIANT, settings.variant);
    }
    if (settings.vaeSource != null) {
      origin.put(Provenance.VAE_SOURCE, settings.vaeSource.toString());
    }
    if (settings.unetWeights != null) {
      origin.put(Provenance.UNET_WEIGHTS, settings.unetWeights.toString());
    }
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("t2v", LibraryVersion.get());
    versions.putAll(TorchRuntime.versions(device));
    return origin
        .put(Provenance.DTYPE, numberTypes())
        .put(Provenance.DEVICE, device.toString())
        .put(Provenance.VERSIONS, ImmutableMap.copyOf(versions))
        .buildOrThrow();
  }

  /** Such as {@code float32}, or {@code float16, vae_decoder float32}. */
  private String numberTypes() {
    Precision main = precisionOf(Component.DENOISER);
    StringBuilder names = new StringBuilder(main.toString());
    for (Component component : Component.values()) {
      Precision own = precisionOf(component);
      if (own != main) {
        names.append(", ").append(Ascii.toLowerCase(component.name())).append(' ').append(own);
      }
    }
    return names.toString();
  }
}
