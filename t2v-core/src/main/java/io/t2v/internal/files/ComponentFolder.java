package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.WeightFileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one network in diffusers layout: {@code config.json}, and weights. Those in
 * safetensors are preferred to PyTorch's pickles, single files to shards.
 *
 * @param folder such as {@code unet}
 * @param names of its weight files
 * @param classes what its options may name as their class
 */
record ComponentFolder(Path folder, WeightFileNames names, Set<String> classes) {
  /** The folder of a network of diffusers. */
  static ComponentFolder ofDiffusers(Path folder, String className) {
    return new ComponentFolder(folder, WeightFileNames.DIFFUSERS, Set.of(className));
  }

  /** The folder of a network of transformers. */
  static ComponentFolder ofTransformers(Path folder, String className) {
    return new ComponentFolder(folder, WeightFileNames.TRANSFORMERS, Set.of(className));
  }

  /**
   * Reads the options.
   *
   * @throws CheckpointException if they are missing, damaged, or those of another class
   */
  JsonConfig config() {
    JsonConfig config = JsonConfig.read(folder.resolve("config.json"));
    if (config.has("_class_name") && !classes.contains(config.text("_class_name", ""))) {
      throw config.unexpected("_class_name", "one of " + classes);
    }
    return config;
  }

  /** Whether there are weights of a variant, or plain ones. */
  boolean hasWeights(@Nullable String variant) {
    return file(variant).isPresent();
  }

  /**
   * Opens the weights.
   *
   * @param variant such as {@code fp16}, or null for the plain files
   * @throws CheckpointException if they are missing or damaged
   */
  TensorFiles weights(@Nullable String variant) {
    Path file =
        file(variant)
            .orElseThrow(
                () ->
                    new CheckpointException(
                        "There are no weights in "
                            + folder
                            + ": expected one of "
                            + names.candidates(variant)
                            + found()));
    return KeyPrefix.withoutWrappers(
        WeightFileNames.isIndex(file.toString())
            ? TensorFiles.ofIndex(file)
            : TensorFiles.ofFile(file));
  }

  private Optional<Path> file(@Nullable String variant) {
    return names.candidates(variant).stream()
        .map(folder::resolve)
        .filter(Files::exists)
        .findFirst();
  }

  private String found() {
    if (!Files.isDirectory(folder)) {
      return ". The folder does not exist.";
    }
    try (var files = Files.list(folder)) {
      return "; found "
          + files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("config.json"))
              .sorted()
              .toList()
          + ". Files with a word such as .fp16. in their name are a variant, to be asked for.";
    } catch (IOException e) {
      return "; the folder cannot be listed: " + e.getMessage();
    }
  }
}
