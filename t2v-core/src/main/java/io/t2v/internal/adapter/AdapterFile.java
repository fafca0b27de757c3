package io.t2v.internal.adapter;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.adapter.AdapterKey.Role;
import io.t2v.internal.files.FileDigest;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.files.StoredNumbers;
import io.t2v.internal.files.TensorEntry;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.io.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An adapter as it lies on disk: which factors it has, by the names in the file. Which weights they
 * change is seen when a checkpoint is there, by {@link AdapterTargets}.
 *
 * <p>All of it is checked when it is read, so that nothing of a damaged or hostile file is found
 * out later: names, shapes, ranks, and that all numbers are finite. Immutable; nothing is open.
 */
public final class AdapterFile {
  /** Four times the tensors of the largest known, one over the whole model with alphas. */
  private static final int MAX_TENSORS = 1 << 14;

  private static final int MAX_NAME_LENGTH = 1024;
  private static final String CONFIG = "adapter_config.json";

  /** In the order in which they are looked for in a folder. */
  private static final List<String> WEIGHTS =
      List.of(
          "adapter_model.safetensors",
          "adapter_model.bin",
          "pytorch_lora_weights.safetensors",
          "pytorch_lora_weights.bin");

  private static final String TEXT_ENCODER = "text_encoder";
  private static final String UNET = "unet";

  private final Path path;
  private final String digest;
  private final TensorFiles tensors;
  private final AdapterStyle style;
  private final ImmutableMap<Target, ImmutableList<LowRank>> layers;
  private final ImmutableMap<String, String> notes;

  private AdapterFile(
      Path path,
      String digest,
      TensorFiles tensors,
      AdapterStyle style,
      Map<Target, ImmutableList<LowRank>> layers,
      ImmutableMap<String, String> notes) {
    this.path = path;
    this.digest = digest;
    this.tensors = tensors;
    this.style = style;
    this.layers = ImmutableMap.copyOf(layers);
    this.notes = notes;
  }

  /** Which network factors are for, as far as the file says it. */
  public enum Target {
    UNET,
    TEXT_ENCODER,
    UNKNOWN
  }

  /**
   * Reads an adapter.
   *
   * @param path a file, or a folder of PEFT or diffusers
   * @throws CheckpointException if it is missing or damaged, or holds anything but factors of LoRA
   */
  public static AdapterFile read(Path path) {
    Path weights = Files.isDirectory(path) ? weightsIn(path) : path;
    TensorFiles tensors = TensorFiles.ofFile(weights);
    requireSize(tensors);
    Path config = weights.resolveSibling(CONFIG);
    boolean ofPeft = MoreFiles.getNameWithoutExtension(weights).equals("adapter_model");
    JsonConfig json = ofPeft && Files.exists(config) ? JsonConfig.read(config) : null;
    ImmutableMap<String, String> notes = notes(tensors, json);
    Optional<Map<Target, ImmutableList<LowRank>>> listed = FactorList.read(tensors);
    AdapterStyle style = AdapterStyle.LIST;
    Map<Target, ImmutableList<LowRank>> layers;
    if (listed.isPresent()) {
      layers = listed.get();
    } else {
      Named named = new Named(tensors, json, notes);
      layers = named.layers();
      style = named.style;
    }
    StoredNumbers.requireFinite(tensors);
    return new AdapterFile(
        path,
        json == null ? FileDigest.sha256(weights) : FileDigest.sha256(weights, config),
        tensors,
        style,
        layers,
        notes);
  }

  private static Path weightsIn(Path folder) {
    return WEIGHTS.stream()
        .map(folder::resolve)
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(
            () ->
                new CheckpointException(
                    "There is no adapter in "
                        + folder
                        + ": expected one of "
                        + WEIGHTS
                        + ". Other files are named themselves."));
  }

  private static void requireSize(TensorFiles tensors) {
    if (tensors.names().isEmpty() || tensors.names().size() > MAX_TENSORS) {
      throw new CheckpointException(
          "%s holds %s tensors, expected those of an adapter, 2 to %s."
              .formatted(tensors, tensors.names().size(), MAX_TENSORS));
    }
    for (String name : tensors.names()) {
      if (name.length() > MAX_NAME_LENGTH) {
        throw new CheckpointException(
            "%s holds a tensor whose name has %s letters: %s"
                .formatted(tensors, name.length(), Printable.of(name)));
      }
    }
  }

  private static ImmutableMap<String, String> notes(
      TensorFiles tensors, @Nullable JsonConfig config) {
    Map<String, String> notes = new LinkedHashMap<>(tensors.metadata());
    if (config != null) {
      config
          .fields()
          .forEach(
              (name, value) -> {
                if (value instanceof String text) {
                  notes.putIfAbsent(name, text);
                }
              });
    }
    return ImmutableMap.copyOf(notes);
  }

  /** Returns the path as it was given. */
  public Path path() {
    return path;
  }

  /** SHA-256 of the file; of a PEFT folder, of its weights and then of its configuration. */
  public String digest() {
    return digest;
  }

  public AdapterStyle style() {
    return style;
  }

  /** The factors by their networks; in a list without names, in its order. */
  public ImmutableMap<Target, ImmutableList<LowRank>> layers() {
    return layers;
  }

  /** What trainers noted in the file, and texts of PEFT's configuration. */
  public ImmutableMap<String, String> notes() {
    return notes;
  }

  public TensorFiles tensors() {
    return tensors;
  }

  ImmutableList<Long> shape(String tensor) {
    return tensors.entry(tensor).shape();
  }

  /** Files of the same content are equal: what they add to weights is the same. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AdapterFile file && digest.equals(file.digest);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /**
   * Puts two factors together.
   *
   * @throws CheckpointException if their shapes are not those of two factors of one rank
   */
  static long rank(TensorFiles tensors, String key, String up, String down) {
    TensorEntry upEntry = tensors.entry(up);
    TensorEntry downEntry = tensors.entry(down);
    upEntry.requireComputable();
    downEntry.requireComputable();
    if (upEntry.shape().size() >= 2 && downEntry.shape().size() >= 2) {
      long rank = downEntry.shape().get(0);
      long out = upEntry.shape().get(0);
      long in = rank == 0 ? 0 : downEntry.elements() / rank;
      // No product needs a rank above both of its sides; a file of repeated numbers may claim it.
      if (rank > 0
          && out > 0
          && in > 0
          && rank <= Math.max(out, in)
          && upEntry.elements() == out * rank) {
        return rank;
      }
    }
    throw new CheckpointException(
        "%s: the factors of '%s' have the shapes %s and %s, expected [out, rank] and [rank, in]."
            .formatted(tensors, Printable.of(key), upEntry.shape(), downEntry.shape()));
  }

  /** Lists at most eight names, and says how many there are. */
  static String some(Collection<String> names) {
    String first =
        String.join(", ", new TreeSet<>(names).stream().limit(8).map(Printable::of).toList());
    return names.size() <= 8 ? first : first + " and " + (names.size() - 8) + " more";
  }

  /** The factors of a file that names its layers. */
  private static final class Named {
    private final TensorFiles tensors;
    private final @Nullable JsonConfig config;
    private final Map<String, String> notes;
    private final Map<String, Map<Role, String>> byLayer = new LinkedHashMap<>();
    private final TreeSet<String> embeddings = new TreeSet<>();
    private AdapterStyle style = AdapterStyle.KOHYA;

    Named(TensorFiles tensors, @Nullable JsonConfig config, Map<String, String> notes) {
      this.tensors = tensors;
      this.config = config;
      this.notes = notes;
      requireKnownKind();
      List<String> unknown = new ArrayList<>();
      for (String name : tensors.names()) {
        AdapterKey.parse(name).ifPresentOrElse(key -> add(name, key), () -> unknown.add(name));
      }
      if (!unknown.isEmpty()) {
        throw new CheckpointException(
            "%s holds tensors that are no factors of a LoRA: %s. %s"
                .formatted(
                    tensors,
                    some(unknown),
                    byLayer.isEmpty()
                        ? "It is no adapter."
                        : "This version applies factors alone, and leaves nothing out."));
      }
    }

    private void requireKnownKind() {
      for (String name : tensors.names()) {
        AdapterKey.otherKind(name)
            .ifPresent(
                kind -> {
                  throw new CheckpointException(
                      ("%s holds %s, such as '%s'. This version applies LoRA of two factors alone,"
                              + " and leaves nothing out.")
                          .formatted(tensors, kind, Printable.of(name)));
                });
      }
    }

    private void add(String name, AdapterKey key) {
      Map<Role, String> roles =
          byLayer.computeIfAbsent(key.layer(), layer -> new EnumMap<>(Role.class));
      if (key.role() != Role.ALPHA) {
        style = key.style();
      }
      if (key.embedding()) {
        embeddings.add(key.layer());
      }
      String other = roles.put(key.role(), name);
      if (other != null) {
        throw new CheckpointException(
            "%s holds one factor twice: as '%s' and as '%s'."
                .formatted(tensors, Printable.of(other), Printable.of(name)));
      }
    }

    Map<Target, ImmutableList<LowRank>> layers() {
      Map<Target, ImmutableList.Builder<LowRank>> layers = new EnumMap<>(Target.class);
      byLayer.forEach(
          (layer, roles) ->
              layers
                  .computeIfAbsent(target(layer), target -> ImmutableList.builder())
                  .add(lowRank(layer, roles)));
      Map<Target, ImmutableList<LowRank>> built = new EnumMap<>(Target.class);
      layers.forEach((target, list) -> built.put(target, list.build()));
      return built;
    }

    private LowRank lowRank(String layer, Map<Role, String> roles) {
      String up = roles.get(Role.UP);
      String down = roles.get(Role.DOWN);
      if (up == null || down == null) {
        throw new CheckpointException(
            "%s holds %s alone, expected both factors of the layer."
                .formatted(tensors, some(roles.values())));
      }
      long rank = rank(tensors, layer, up, down);
      return new LowRank(
          layer,
          up,
          down,
          rank,
          strength(layer, rank, roles.get(Role.ALPHA)),
          embeddings.contains(layer));
    }

    private double strength(String layer, long rank, @Nullable String alpha) {
      if (alpha != null) {
        double value = StoredNumbers.scalar(tensors, alpha);
        if (!Double.isFinite(value)) {
          throw new CheckpointException(
              "%s: '%s' is %s, expected a finite number."
                  .formatted(tensors, Printable.of(alpha), value));
        }
        return value / rank;
      }
      LoraOptions options =
          config != null
              ? new LoraOptions(config.origin(), config.fields())
              : LoraOptions.ofNotes(
                  tensors.toString(),
                  notes,
                  target(layer) == Target.TEXT_ENCODER ? TEXT_ENCODER : UNET);
      if (options != null) {
        return options.strength(layer, rank);
      }
      if (layer.contains("base_model.model.")) {
        throw new CheckpointException(
            ("%s: '%s' has no alpha, and there is no %s beside the file. Put PEFT's configuration"
                    + " there, and give the folder.")
                .formatted(tensors, Printable.of(layer), CONFIG));
      }
      return 1;
    }

    private static Target target(String layer) {
      if (layer.startsWith(TEXT_ENCODER)
          || layer.startsWith("lora_te")
          || layer.contains("text_model")
          || layer.contains("encoder.layers.")
          || layer.contains("resblocks.")
          || layer.contains("token_embedding")
          || layer.contains("position_embedding")
          || layer.contains("positional_embedding")) {
        return Target.TEXT_ENCODER;
      }
      return Target.UNET;
    }
  }
}
