package io.t2v.hub;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import io.t2v.internal.io.WeightFileNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a repository that a checkpoint needs. A repository holds each network in several
 * formats and precisions: 22 GB, of which 3.7 are needed.
 *
 * @param files to download, small ones first
 * @param missing what the repository's index names, and its files lack
 */
record RequiredFiles(List<String> files, List<String> missing) {
  private static final ImmutableMap<String, WeightFileNames> NETWORKS =
      ImmutableMap.of(
          "text_encoder", WeightFileNames.TRANSFORMERS,
          "unet", WeightFileNames.DIFFUSERS,
          "vae", WeightFileNames.DIFFUSERS);

  RequiredFiles {
    files = List.copyOf(files);
    missing = List.copyOf(missing);
  }

  /** The file that names the components. */
  static Optional<String> index(Collection<String> files) {
    return Stream.of(WeightFileNames.MODEL_INDEX, WeightFileNames.MODEL_SCOPE_CONFIGURATION)
        .filter(files::contains)
        .findFirst();
  }

  /**
   * Selects files.
   *
   * @param files of the repository
   * @param index which of them is the index
   * @param content the index
   * @param variant such as {@code fp16}; null for the plain weights
   * @throws HubException if the weights are not there in this variant
   */
  static RequiredFiles of(
      Collection<String> files,
      String index,
      Map<String, @Nullable Object> content,
      @Nullable String variant) {
    List<String> chosen = new ArrayList<>(List.of(index));
    List<String> weights = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    files.stream().filter(RequiredFiles::isAboutTheModel).sorted().forEach(chosen::add);
    if (index.equals(WeightFileNames.MODEL_INDEX)) {
      addDiffusers(files, content, variant, chosen, weights, missing);
    } else {
      weights.addAll(modelScopeWeights(content));
      missing.addAll(weights);
      missing.removeAll(files);
      weights.retainAll(files);
    }
    chosen.addAll(weights);
    return new RequiredFiles(chosen, missing);
  }

  /** Takes every component in the repository: an index may be older than a component. */
  private static void addDiffusers(
      Collection<String> files,
      Map<String, @Nullable Object> index,
      @Nullable String variant,
      List<String> chosen,
      List<String> weights,
      List<String> missing) {
    if (isWanted("scheduler", index, files)) {
      addConfig("scheduler/scheduler_config.json", files, chosen, missing);
    }
    if (isWanted("tokenizer", index, files)) {
      addTokenizer(files, chosen, missing);
    }
    boolean anyVariant =
        NETWORKS.keySet().stream().anyMatch(name -> !weights(name, files, variant).isEmpty());
    for (String name : NETWORKS.keySet()) {
      if (!inFolder(name, files).isEmpty()) {
        addConfig(name + "/config.json", files, chosen, missing);
        List<String> found = weights(name, files, variant);
        // As in the reference, a network without the variant has its plain weights taken.
        weights.addAll(found.isEmpty() && anyVariant ? weights(name, files, null) : found);
        requireWeights(name, files, variant, weights);
      } else if (isComponent(index.get(name))) {
        missing.add(name);
      }
    }
  }

  private static boolean isWanted(
      String component, Map<String, @Nullable Object> index, Collection<String> files) {
    return isComponent(index.get(component)) || !inFolder(component, files).isEmpty();
  }

  /** The model card and the licence. */
  private static boolean isAboutTheModel(String file) {
    return file.equals("README.md") || file.equals("LICENSE") || file.startsWith("LICENSE.");
  }

  /** A library and a class; {@code [null, null]} stands for a component that was left out. */
  private static boolean isComponent(@Nullable Object entry) {
    return entry instanceof List<?> list && list.size() == 2 && list.get(1) != null;
  }

  private static void addConfig(
      String config, Collection<String> files, List<String> chosen, List<String> missing) {
    (files.contains(config) ? chosen : missing).add(config);
  }

  private static void addTokenizer(
      Collection<String> files, List<String> chosen, List<String> missing) {
    Set<String> names = inFolder("tokenizer", files);
    names.removeIf(name -> !name.endsWith(".json") && !name.endsWith(".txt"));
    if (names.isEmpty()) {
      missing.add("tokenizer");
    }
    names.forEach(name -> chosen.add("tokenizer/" + name));
  }

  private static List<String> weights(
      String network, Collection<String> files, @Nullable String variant) {
    return requireNonNull(NETWORKS.get(network)).select(inFolder(network, files), variant).stream()
        .map(name -> network + "/" + name)
        .toList();
  }

  private static void requireWeights(
      String network, Collection<String> files, @Nullable String variant, List<String> chosen) {
    if (chosen.stream().noneMatch(file -> file.startsWith(network + "/"))) {
      Set<String> names = inFolder(network, files);
      names.removeIf(name -> name.endsWith("config.json"));
      throw new HubException(
          "There are no "
              + (variant == null ? "plain" : variant)
              + " weights in "
              + network
              + "/, or not all shards of them; found "
              + names
              + ". Files with a word such as .fp16. in their name are a variant, to be asked for.");
    }
  }

  private static Set<String> inFolder(String folder, Collection<String> files) {
    return files.stream()
        .filter(file -> file.startsWith(folder + "/"))
        .map(file -> file.substring(folder.length() + 1))
        .filter(name -> !name.contains("/"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> modelScopeWeights(Map<String, @Nullable Object> content) {
    Object arguments =
        content.get("model") instanceof Map<?, ?> model ? model.get("model_args") : null;
    List<String> names = new ArrayList<>();
    WeightFileNames.MODEL_SCOPE_WEIGHTS.forEach(
        (field, usual) -> {
          Object given = arguments instanceof Map<?, ?> fields ? fields.get(field) : null;
          names.add(given instanceof String name ? name : usual);
        });
    return names;
  }
}
