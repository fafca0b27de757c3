package io.t2v.checkpoint;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of one network: in a single safetensors file, or in shards that an index names.
 *
 * <p>Immutable; nothing is mapped until a source is asked for.
 */
public final class TensorFiles {
  private final ImmutableMap<String, SafetensorsFile> fileOf;
  private final String description;

  private TensorFiles(Map<String, SafetensorsFile> fileOf, String description) {
    this.fileOf = ImmutableMap.copyOf(fileOf);
    this.description = description;
  }

  /**
   * Opens the weights in a component's folder.
   *
   * @param folder such as {@code unet}
   * @param stem file name without variant and ending, such as {@code diffusion_pytorch_model}
   * @param variant such as {@code fp16}, or null for the plain files
   * @throws CheckpointException if they are missing or damaged
   */
  static TensorFiles open(Path folder, String stem, @Nullable String variant) {
    String infix = variant == null ? "" : "." + variant;
    Path single = folder.resolve(stem + infix + ".safetensors");
    if (Files.isRegularFile(single)) {
      return ofFile(single);
    }
    String[] indexNames = {
      stem + ".safetensors.index" + infix + ".json", stem + infix + ".safetensors.index.json"
    };
    for (String indexName : indexNames) {
      Path index = folder.resolve(indexName);
      if (Files.isRegularFile(index)) {
        return ofIndex(index);
      }
    }
    throw new CheckpointException(
        "There are no weights in "
            + folder
            + ": expected "
            + single.getFileName()
            + " or "
            + indexNames[0]
            + found(folder));
  }

  private static String found(Path folder) {
    if (!Files.isDirectory(folder)) {
      return ". The folder does not exist.";
    }
    try (var files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("config.json"))
          .sorted()
          .toList()
          .toString()
          .transform(
              names ->
                  "; found "
                      + names
                      + ". Files with a word such as .fp16. in their name are a variant, to be"
                      + " asked for; PyTorch's .bin files have to be saved as safetensors.");
    } catch (IOException e) {
      return "; the folder cannot be listed: " + e.getMessage();
    }
  }

  private static TensorFiles ofFile(Path path) {
    SafetensorsFile file = SafetensorsFile.open(path);
    Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
    file.entries().keySet().forEach(name -> fileOf.put(name, file));
    return new TensorFiles(fileOf, path.toString());
  }

  private static TensorFiles ofIndex(Path index) {
    Object map = JsonConfig.read(index).raw("weight_map");
    if (!(map instanceof Map<?, ?> weightMap)) {
      throw new CheckpointException(index + " has no weight_map from tensor to shard.");
    }
    Map<String, SafetensorsFile> shards = new TreeMap<>();
    Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
    weightMap.forEach(
        (tensor, shardName) -> {
          if (!(tensor instanceof String name)
              || !(shardName instanceof String shard)
              || !isFileName(shard)) {
            throw new CheckpointException(
                index + " maps " + tensor + " to " + shardName + ", expected a file beside it.");
          }
          SafetensorsFile file =
              shards.computeIfAbsent(shard, s -> SafetensorsFile.open(index.resolveSibling(s)));
          if (!file.entries().containsKey(name)) {
            throw new CheckpointException(
                index + " says that " + shard + " holds " + name + ", but it does not.");
          }
          fileOf.put(name, file);
        });
    shards.forEach(
        (shard, file) ->
            file.entries()
                .keySet()
                .forEach(
                    name -> {
                      if (fileOf.get(name) != file) {
                        throw new CheckpointException(
                            shard
                                + " holds "
                                + name
                                + ", which "
                                + index
                                + " does not list there.");
                      }
                    }));
    return new TensorFiles(fileOf, index.toString());
  }

  private static boolean isFileName(String name) {
    return !name.isBlank()
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c < ' ')
        && !name.equals(".")
        && !name.equals("..");
  }

  /**
   * Returns the names of all tensors.
   *
   * @return names as in the files
   */
  public Set<String> names() {
    return fileOf.keySet();
  }

  /**
   * Returns the number types in which the tensors are stored.
   *
   * @return as the files name them, such as {@code F16}
   */
  public Set<String> dtypes() {
    return fileOf.keySet().stream()
        .map(name -> entry(name).dtype())
        .collect(ImmutableSet.toImmutableSet());
  }

  /**
   * Returns the number of parameters.
   *
   * @return elements of all tensors
   */
  public long parameters() {
    return fileOf.keySet().stream()
        .mapToLong(name -> entry(name).shape().stream().reduce(1L, (a, b) -> a * b))
        .sum();
  }

  @Override
  public String toString() {
    return description;
  }

  private TensorEntry entry(String name) {
    return requireNonNull(file(name).entries().get(name));
  }

  TensorEntry checkedEntry(String name, long... shape) {
    if (!fileOf.containsKey(name)) {
      throw new CheckpointException(
          "Tensor "
              + name
              + " of shape "
              + Arrays.toString(shape)
              + " is missing in "
              + description
              + ". The configuration beside it may belong to other weights.");
    }
    TensorEntry entry = entry(name);
    if (!entry.hasShape(shape)) {
      throw new CheckpointException(
          "Tensor "
              + name
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

  List<Long> shape(String name) {
    return entry(name).shape();
  }

  SafetensorsFile file(String name) {
    SafetensorsFile file = fileOf.get(name);
    if (file == null) {
      throw new CheckpointException("There is no tensor " + name + " in " + description);
    }
    return file;
  }
}
