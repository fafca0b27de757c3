package io.t2v.internal.files;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ListMultimap;
import io.t2v.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of one network: in a single file, or in shards that an index names.
 *
 * <p>A layout whose names are not the network's shows them through a {@linkplain #seenThrough
 * view}. Immutable; nothing is open: {@link TensorReader} opens the files.
 */
public final class TensorFiles {
  private final ImmutableMap<String, Located> tensors;
  private final ImmutableListMultimap<String, TensorPatch> patches;
  private final String description;

  private TensorFiles(Map<String, Located> tensors, String description) {
    this(tensors, ImmutableListMultimap.of(), description);
  }

  private TensorFiles(
      Map<String, Located> tensors,
      ListMultimap<String, ? extends TensorPatch> patches,
      String description) {
    this.tensors = ImmutableMap.copyOf(tensors);
    this.patches = ImmutableListMultimap.copyOf(patches);
    this.description = description;
  }

  /** A tensor, and the file that it lies in. */
  private record Located(TensorFile file, TensorEntry entry) {}

  /** Shows the tensors of files under the names, and in the shapes, that a network knows. */
  @FunctionalInterface
  public interface View {
    /**
     * Shows one tensor.
     *
     * @param name in the files
     * @param entry where it is
     * @param shown takes what the network sees: nothing for a tensor to be left out, several parts
     *     (see {@link TensorEntry#rows}) for one to be divided
     */
    void show(String name, TensorEntry entry, BiConsumer<String, TensorEntry> shown);
  }

  /**
   * Looks at the same files through a view.
   *
   * @throws CheckpointException if two tensors would have one name
   */
  public TensorFiles seenThrough(View view) {
    Map<String, Located> seen = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            view.show(
                name,
                tensor.entry(),
                (newName, entry) -> {
                  Located other = seen.put(newName, new Located(tensor.file(), entry));
                  if (other != null) {
                    throw new CheckpointException(
                        description
                            + " holds "
                            + newName
                            + " twice: as "
                            + other.entry().name()
                            + " and as "
                            + entry.name()
                            + ".");
                  }
                }));
    return new TensorFiles(seen, description);
  }

  /**
   * Looks at the same files under other names.
   *
   * @param newName gives the network's name for the files', or null for a tensor to be left out
   * @throws CheckpointException if two tensors would have one name
   */
  public TensorFiles renamed(Function<String, @Nullable String> newName) {
    return seenThrough(
        (name, entry, shown) -> {
          String renamed = newName.apply(name);
          if (renamed != null) {
            shown.accept(renamed, entry);
          }
        });
  }

  /**
   * Looks at the same tensors with patches, in place of those that they have.
   *
   * @param added what is added to tensors, by their names and in this order, each time they are
   *     read
   */
  public TensorFiles patched(ListMultimap<String, ? extends TensorPatch> added) {
    checkArgument(names().containsAll(added.keySet()), "%s lacks what is patched", this);
    return new TensorFiles(tensors, added, description);
  }

  /** What is added to a tensor each time it is read. */
  List<TensorPatch> patches(String name) {
    return patches.get(name);
  }

  /** The tensors that patches are made of, each once. */
  Set<TensorFiles> patchSources() {
    Set<TensorFiles> sources = Collections.newSetFromMap(new IdentityHashMap<>());
    patches.values().forEach(patch -> sources.add(patch.source()));
    return sources;
  }

  /**
   * Returns what adding the largest patch takes for a moment.
   *
   * @return bytes; 0 without patches
   */
  public long largestPatch() {
    return patches.values().stream().mapToLong(TensorPatch::bytes).max().orElse(0);
  }

  /**
   * Opens a single file.
   *
   * @throws CheckpointException if it is missing, damaged, or of a format that is not known
   */
  public static TensorFiles ofFile(Path path) {
    TensorFile file = TensorFormat.open(path);
    Map<String, Located> tensors = new LinkedHashMap<>();
    file.entries().forEach((name, entry) -> tensors.put(name, new Located(file, entry)));
    return new TensorFiles(tensors, path.toString());
  }

  /**
   * Opens the files that an index names.
   *
   * @param index with a {@code weight_map} from tensor to file
   * @throws CheckpointException if it does not fit the files beside it, or one of them is missing
   *     or damaged
   */
  public static TensorFiles ofIndex(Path index) {
    Object map = JsonConfig.read(index).raw("weight_map");
    if (!(map instanceof Map<?, ?> weightMap)) {
      throw new CheckpointException(index + " has no weight_map from tensor to shard.");
    }
    Map<String, TensorFile> shards = new TreeMap<>();
    Map<String, Located> tensors = new LinkedHashMap<>();
    weightMap.forEach(
        (tensor, shardName) -> {
          if (!(tensor instanceof String name)
              || !(shardName instanceof String shard)
              || !isFileName(shard)) {
            throw new CheckpointException(
                index + " maps " + tensor + " to " + shardName + ", expected a file beside it.");
          }
          TensorFile file =
              shards.computeIfAbsent(shard, s -> TensorFormat.open(index.resolveSibling(s)));
          TensorEntry entry = file.entries().get(name);
          if (entry == null) {
            throw new CheckpointException(
                index + " says that " + shard + " holds " + name + ", but it does not.");
          }
          tensors.put(name, new Located(file, entry));
        });
    shards.forEach(
        (shard, file) ->
            file.entries()
                .keySet()
                .forEach(
                    name -> {
                      Located listed = tensors.get(name);
                      if (listed == null || !listed.file().equals(file)) {
                        throw new CheckpointException(
                            shard
                                + " holds "
                                + name
                                + ", which "
                                + index
                                + " does not list there.");
                      }
                    }));
    return new TensorFiles(tensors, index.toString());
  }

  /** Whether a name is that of a file in the same folder, and no path. */
  public static boolean isFileName(String name) {
    return !name.isBlank()
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c < ' ')
        && !name.equals(".")
        && !name.equals("..");
  }

  /**
   * Returns the names of all tensors.
   *
   * @return names as the network knows them
   */
  public Set<String> names() {
    return tensors.keySet();
  }

  /**
   * Returns the number types in which the tensors are stored.
   *
   * @return as safetensors names them, such as {@code F16}
   */
  public Set<String> dtypes() {
    return tensors.values().stream()
        .map(tensor -> tensor.entry().type().name())
        .collect(ImmutableSet.toImmutableSet());
  }

  /**
   * Returns the number of parameters.
   *
   * @return elements of all tensors
   */
  public long parameters() {
    return tensors.values().stream().mapToLong(tensor -> tensor.entry().elements()).sum();
  }

  /**
   * Returns what the largest tensor takes as it is in the file, and widened to float32 beside it,
   * with the patch that is added to it.
   *
   * @return bytes; a tensor that is float32 in the file is not there twice
   */
  public long largestTensorWidened() {
    return tensors.entrySet().stream()
        .mapToLong(
            tensor ->
                widened(tensor.getValue().entry())
                    + patches(tensor.getKey()).stream()
                        .mapToLong(TensorPatch::bytes)
                        .max()
                        .orElse(0))
        .max()
        .orElse(0);
  }

  private static long widened(TensorEntry entry) {
    return entry.elements()
        * (entry.type() == ElementType.F32 ? Float.BYTES : Float.BYTES + entry.type().bytes());
  }

  /**
   * Returns what the writers of the files noted in them.
   *
   * @return name to text, of the first file that has a note of the name
   */
  public ImmutableMap<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    files().forEach(file -> file.metadata().forEach(metadata::putIfAbsent));
    return ImmutableMap.copyOf(metadata);
  }

  @Override
  public String toString() {
    return description;
  }

  public TensorEntry checkedEntry(String name, long... shape) {
    Located tensor = tensors.get(name);
    if (tensor == null) {
      throw new CheckpointException(
          "Tensor "
              + name
              + " of shape "
              + Arrays.toString(shape)
              + " is missing in "
              + description
              + ". The configuration beside it may belong to other weights.");
    }
    TensorEntry entry = tensor.entry();
    if (!entry.hasShape(shape)) {
      throw new CheckpointException(
          "Tensor "
              + entry.name()
              + " in "
              + entry.file()
              + " has the shape "
              + entry.shape()
              + ", expected "
              + Arrays.toString(shape)
              + ". The configuration beside it may belong to other weights.");
    }
    return entry;
  }

  public List<Long> shape(String name) {
    return located(name).entry().shape();
  }

  /**
   * Returns where a tensor lies.
   *
   * @throws CheckpointException if there is none of this name
   */
  public TensorEntry entry(String name) {
    return located(name).entry();
  }

  TensorFile file(String name) {
    return located(name).file();
  }

  /** The files that hold the tensors. */
  Set<TensorFile> files() {
    Set<TensorFile> files = Collections.newSetFromMap(new IdentityHashMap<>());
    tensors.values().forEach(tensor -> files.add(tensor.file()));
    return files;
  }

  private Located located(String name) {
    Located tensor = tensors.get(name);
    if (tensor == null) {
      throw new CheckpointException("There is no tensor " + name + " in " + description);
    }
    return tensor;
  }
}
