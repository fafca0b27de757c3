package io.t2v.internal.adapter;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.MultimapBuilder;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.adapter.AdapterFile.Target;
import io.t2v.internal.adapter.ListCandidates.Candidate;
import io.t2v.internal.adapter.NetworkLayers.Layer;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorPatch;
import io.t2v.internal.io.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the weights of a checkpoint that adapters change. Every factor finds its weight, or the
 * adapter is refused: what is left out in silence gives a video that looks like an adapter of no
 * effect.
 */
public final class AdapterTargets {
  private final @Nullable NetworkLayers unet;
  private final @Nullable NetworkLayers text;
  private final ListMultimap<String, LowRankPatch> unetPatches =
      MultimapBuilder.linkedHashKeys().arrayListValues().build();
  private final ListMultimap<String, LowRankPatch> textPatches =
      MultimapBuilder.linkedHashKeys().arrayListValues().build();

  private AdapterTargets(@Nullable NetworkLayers unet, @Nullable NetworkLayers text) {
    this.unet = unet;
    this.text = text;
  }

  /**
   * What is added to the weights of both networks, by their names; equal for adapters that add the
   * same, in whatever order they were given.
   */
  public record Patches(
      ImmutableListMultimap<String, TensorPatch> unet,
      ImmutableListMultimap<String, TensorPatch> textEncoder) {
    /** Of no adapter. */
    public static final Patches NONE =
        new Patches(ImmutableListMultimap.of(), ImmutableListMultimap.of());
  }

  /**
   * Finds the weights.
   *
   * @param adapters in any order, which changes nothing; scales of 0 add nothing
   * @param unet weights of the UNet; null if the denoiser is a plug-in
   * @param textEncoder weights of the text encoder; null if it is a plug-in
   * @throws CheckpointException if factors match no layer, or not its shape
   */
  public static Patches find(
      List<? extends ScaledAdapter> adapters,
      @Nullable TensorFiles unet,
      @Nullable TensorFiles textEncoder) {
    if (adapters.isEmpty()) {
      return Patches.NONE;
    }
    AdapterTargets targets =
        new AdapterTargets(
            unet == null ? null : NetworkLayers.ofUnet(unet),
            textEncoder == null ? null : NetworkLayers.ofText(textEncoder));
    for (ScaledAdapter adapter : adapters) {
      if (adapter.file().style() == AdapterStyle.LIST) {
        targets.addLists(adapter);
      } else {
        targets.addNamed(adapter);
      }
    }
    return new Patches(sorted(targets.unetPatches), sorted(targets.textPatches));
  }

  private static ImmutableListMultimap<String, TensorPatch> sorted(
      ListMultimap<String, LowRankPatch> patches) {
    return ImmutableListMultimap.<String, TensorPatch>builder()
        .orderValuesBy((a, b) -> LowRankPatch.ORDER.compare((LowRankPatch) a, (LowRankPatch) b))
        .putAll(patches)
        .build();
  }

  private void addNamed(ScaledAdapter adapter) {
    AdapterFile file = adapter.file();
    List<String> unmatched = new ArrayList<>();
    Map<Layer, LowRank> found = new HashMap<>();
    for (LowRank factors : allOf(file)) {
      Optional<Layer> layer = find(factors.key());
      if (layer.isEmpty()) {
        unmatched.add(factors.key());
        continue;
      }
      LowRank other = found.put(layer.get(), factors);
      if (other != null) {
        throw new CheckpointException(
            "%s holds factors of %s twice: as '%s' and as '%s'."
                .formatted(
                    file,
                    layer.get().name(),
                    Printable.of(other.key()),
                    Printable.of(factors.key())));
      }
      add(adapter, factors, layer.get());
    }
    if (!unmatched.isEmpty()) {
      throw new CheckpointException(
          "%s: %s of %s layers are none of this checkpoint: %s. %s"
              .formatted(
                  file,
                  unmatched.size(),
                  unmatched.size() + found.size(),
                  AdapterFile.some(unmatched),
                  reason(found.isEmpty())));
    }
  }

  private String reason(boolean noneFound) {
    if (unet == null || text == null) {
      return "A component of one's own takes no adapters.";
    }
    return noneFound
        ? "The adapter was trained for another model."
        : "The adapter was trained for a model with more layers.";
  }

  private static List<LowRank> allOf(AdapterFile file) {
    return file.layers().values().stream().flatMap(List::stream).toList();
  }

  private Optional<Layer> find(String key) {
    Optional<Layer> inUnet = unet == null ? Optional.empty() : unet.find(key);
    return inUnet.isPresent() || text == null ? inUnet : text.find(key);
  }

  private void add(ScaledAdapter adapter, LowRank factors, Layer layer) {
    ProductLayout layout =
        layout(adapter.file(), factors, layer)
            .orElseThrow(() -> misfit(adapter.file(), factors, layer));
    boolean ofText = text != null && text.names().contains(layer.name());
    double scale =
        factors.strength()
            * (ofText
                ? adapter.scaleOfText()
                : layer.isTemporal() ? adapter.scaleOfTemporal() : adapter.scaleOfSpatial());
    if (scale != 0) {
      (ofText ? textPatches : unetPatches)
          .put(layer.weight(), new LowRankPatch(adapter.file(), factors, scale, layout));
    }
  }

  /** The layout of a product that fits a weight; empty if none does. */
  private static Optional<ProductLayout> layout(AdapterFile file, LowRank factors, Layer layer) {
    long rows = file.tensors().entry(factors.up()).elements() / factors.rank();
    long columns = file.tensors().entry(factors.down()).elements() / factors.rank();
    if (factors.embedding() || layer.isEmbedding()) {
      return rows * columns == layer.elements() && columns == layer.outputs()
          ? Optional.of(ProductLayout.TRANSPOSED)
          : Optional.empty();
    }
    if (file.style() != AdapterStyle.STABLE_LORA) {
      return rows == layer.outputs() && rows * columns == layer.elements()
          ? Optional.of(ProductLayout.ROWS)
          : Optional.empty();
    }
    return ofStableLora(rows, columns, layer);
  }

  /** stable_lora multiplies both sides by the kernel's size k, also where the kernel is k × 1. */
  private static Optional<ProductLayout> ofStableLora(long rows, long columns, Layer layer) {
    long kernel = layer.shape().size() > 2 ? layer.shape().get(2) : 1;
    boolean fits = rows == layer.outputs() * kernel && columns == layer.shape().get(1) * kernel;
    if (!fits) {
      return Optional.empty();
    }
    return Optional.of(
        rows * columns == layer.elements() ? ProductLayout.ROWS : ProductLayout.MEAN);
  }

  private static CheckpointException misfit(AdapterFile file, LowRank factors, Layer layer) {
    return new CheckpointException(
        ("%s: the factors of '%s' have the shapes %s and %s, which fit no weight of shape %s, that"
                + " of %s. The adapter was trained for another model.")
            .formatted(
                file,
                Printable.of(factors.key()),
                file.shape(factors.up()),
                file.shape(factors.down()),
                layer.shape(),
                layer.name()));
  }

  private void addLists(ScaledAdapter adapter) {
    adapter
        .file()
        .layers()
        .forEach(
            (target, list) -> {
              List<Candidate> fitting =
                  candidates(target).stream()
                      .filter(candidate -> fits(adapter.file(), list, candidate))
                      .toList();
              if (fitting.size() != 1) {
                throw noOrder(adapter.file(), target, list, fitting);
              }
              List<Layer> layers = fitting.get(0).layers();
              int times = list.size() / layers.size();
              for (int i = 0; i < list.size(); i++) {
                add(adapter, list.get(i), layers.get(i / times));
              }
            });
  }

  private List<Candidate> candidates(Target target) {
    return ListCandidates.of(
        target == Target.TEXT_ENCODER ? null : unet, target == Target.UNET ? null : text);
  }

  /** Of several adapters that were trained together, each layer's pairs follow each other. */
  private static boolean fits(AdapterFile file, ImmutableList<LowRank> list, Candidate candidate) {
    int count = candidate.layers().size();
    if (list.size() % count != 0) {
      return false;
    }
    int times = list.size() / count;
    for (int i = 0; i < list.size(); i++) {
      if (layout(file, list.get(i), candidate.layers().get(i / times)).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private CheckpointException noOrder(
      AdapterFile file, Target target, List<LowRank> list, List<Candidate> fitting) {
    List<String> known =
        candidates(target).stream()
            .map(candidate -> candidate.layers().size() + " in " + candidate.description())
            .toList();
    return new CheckpointException(
        fitting.isEmpty()
            ? "%s holds factors of %s layers without names, whose shapes fit none of these: %s."
                    .formatted(file, list.size(), String.join(", ", known))
                + " The adapter was trained for another model, or for other layers; one that was"
                + " trained with a guidance embedding (T2V-Turbo) needs a UNet that has one."
            : "%s holds factors of %s layers without names, whose shapes fit each of these: %s."
                .formatted(
                    file,
                    list.size(),
                    String.join(", ", fitting.stream().map(Candidate::description).toList())));
  }
}
