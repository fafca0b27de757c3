package io.t2v.hub;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which of a repository's files a checkpoint needs: a repository holds each network in several
 * formats and precisions, 22 GB where 3.7 are enough.
 *
 * @param files to have, small ones first
 * @param absent what the repository's index names, and its files lack
 */
record FileChoice(List<String> files, List<String> absent) {
  private static final String DIFFUSERS_INDEX = "model_index.json";
  private static final String MODEL_SCOPE_INDEX = "configuration.json";

  private static final ImmutableMap<String, WeightFiles> NETWORKS =
      ImmutableMap.of(
          "text_encoder", new WeightFiles("model", "pytorch_model"),
          "unet", new WeightFiles("diffusion_pytorch_model", "diffusion_pytorch_model"),
          "vae", new WeightFiles("diffusion_pytorch_model", "diffusion_pytorch_model"));

  /** The three weight files of ModelScope's layout, by the fields that name them. */
  private static final ImmutableMap<String, String> MODEL_SCOPE_WEIGHTS =
      ImmutableMap.of(
          "ckpt_clip", "open_clip_pytorch_model.bin",
          "ckpt_unet", "text2video_pytorch_model.pth",
          "ckpt_autoencoder", "VQGAN_autoencoder.pth");

  FileChoice {
    files = List.copyOf(files);
    absent = List.copyOf(absent);
  }

  /** The file that says what else is needed. */
  static Optional<String> index(Collection<String> files) {
    return List.of(DIFFUSERS_INDEX, MODEL_SCOPE_INDEX).stream().filter(files::contains).findFirst();
  }

  /**
   * Chooses.
   *
   * @param files of the repository
   * @param index which of them is the index
   * @param content the index
   * @param variant such as {@code fp16}; null for the plain weights
   * @throws HubException if the weights are not there in this variant
   */
  static FileChoice of(
      Collection<String> files,
      String index,
      Map<String, Object> content,
      @Nullable String variant) {
    List<String> chosen = new ArrayList<>(List.of(index));
    List<String> weights = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    files.stream().filter(FileChoice::isAboutTheModel).sorted().forEach(chosen::add);
    if (index.equals(DIFFUSERS_INDEX)) {
      addDiffusers(files, content, variant, chosen, weights, absent);
    } else {
      weights.addAll(modelScopeWeights(content));
      absent.addAll(weights);
      absent.removeAll(files);
      weights.retainAll(files);
    }
    chosen.addAll(weights);
    return new FileChoice(chosen, absent);
  }

  /** What is there is taken: an index may be older than a component. */
  private static void addDiffusers(
      Collection<String> files,
      Map<String, Object> index,
      @Nullable String variant,
      List<String> chosen,
      List<String> weights,
      List<String> absent) {
    if (isWanted("scheduler", index, files)) {
      addConfig("scheduler/scheduler_config.json", files, chosen, absent);
    }
    if (isWanted("tokenizer", index, files)) {
      addTokenizer(files, chosen, absent);
    }
    boolean anyVariant =
        NETWORKS.keySet().stream().anyMatch(name -> !weights(name, files, variant).isEmpty());
    for (String name : NETWORKS.keySet()) {
      if (!inFolder(name, files).isEmpty()) {
        addConfig(name + "/config.json", files, chosen, absent);
        List<String> found = weights(name, files, variant);
        // As in the reference, a network without the variant has its plain weights taken.
        weights.addAll(found.isEmpty() && anyVariant ? weights(name, files, null) : found);
        requireWeights(name, files, variant, weights);
      } else if (isComponent(index.get(name))) {
        absent.add(name);
      }
    }
  }

  private static boolean isWanted(
      String component, Map<String, Object> index, Collection<String> files) {
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
      String config, Collection<String> files, List<String> chosen, List<String> absent) {
    (files.contains(config) ? chosen : absent).add(config);
  }

  private static void addTokenizer(
      Collection<String> files, List<String> chosen, List<String> absent) {
    Set<String> names = inFolder("tokenizer", files);
    names.removeIf(name -> !name.endsWith(".json") && !name.endsWith(".txt"));
    if (names.isEmpty()) {
      absent.add("tokenizer");
    }
    names.forEach(name -> chosen.add("tokenizer/" + name));
  }

  private static List<String> weights(
      String network, Collection<String> files, @Nullable String variant) {
    WeightFiles candidates = requireNonNull(NETWORKS.get(network));
    return candidates.choose(inFolder(network, files), variant).stream()
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

  private static List<String> modelScopeWeights(Map<String, Object> content) {
    Object arguments =
        content.get("model") instanceof Map<?, ?> model ? model.get("model_args") : null;
    List<String> names = new ArrayList<>();
    MODEL_SCOPE_WEIGHTS.forEach(
        (field, usual) -> {
          Object given = arguments instanceof Map<?, ?> fields ? fields.get(field) : null;
          names.add(given instanceof String name ? name : usual);
        });
    return names;
  }
}
