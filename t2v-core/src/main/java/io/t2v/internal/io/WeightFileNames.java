package io.t2v.internal.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of a network's weight files in diffusers layout.
 *
 * <p>A network is one file, or several shards with an index; in safetensors, or as PyTorch's
 * pickles; plain, or in a variant such as {@code fp16}, whose word is part of every name:
 *
 * <pre>
 * diffusion_pytorch_model.safetensors                      plain, one file
 * diffusion_pytorch_model.fp16.safetensors                 variant, one file
 * diffusion_pytorch_model-00001-of-00002.safetensors       plain, a shard
 * diffusion_pytorch_model.safetensors.index.json           plain, the index of shards
 * diffusion_pytorch_model.fp16-00001-of-00002.safetensors  variant, a shard
 * diffusion_pytorch_model-00001-of-00002.fp16.safetensors  the same, before 2024
 * </pre>
 *
 * @param safetensorsStem the part before variant and ending, of safetensors files
 * @param torchStem the same of PyTorch's files
 */
public record WeightFileNames(String safetensorsStem, String torchStem) {
  /** Names of the networks that diffusers saves. */
  public static final WeightFileNames DIFFUSERS =
      new WeightFileNames("diffusion_pytorch_model", "diffusion_pytorch_model");

  /** Names of the networks that transformers saves. */
  public static final WeightFileNames TRANSFORMERS = new WeightFileNames("model", "pytorch_model");

  /** The file of diffusers layout that names the components. */
  public static final String MODEL_INDEX = "model_index.json";

  /** The file of ModelScope's layout that names the weights. */
  public static final String MODEL_SCOPE_CONFIGURATION = "configuration.json";

  /**
   * The weight files of ModelScope's layout by the fields of its configuration that may name
   * others.
   */
  public static final ImmutableMap<String, String> MODEL_SCOPE_WEIGHTS =
      ImmutableMap.of(
          "ckpt_clip", "open_clip_pytorch_model.bin",
          "ckpt_unet", "text2video_pytorch_model.pth",
          "ckpt_autoencoder", "VQGAN_autoencoder.pth");

  private static final String SAFETENSORS = ".safetensors";
  private static final String TORCH = ".bin";
  private static final String SHARD = "-(?<number>\\d{5})-of-(?<count>\\d{5})";

  /**
   * Names the files that may stand for the whole network: a single file, or an index.
   *
   * @param variant such as {@code fp16}; null for the plain files
   * @return names, the preferred ones first: safetensors before PyTorch's, single files before
   *     shards
   */
  public ImmutableList<String> candidates(@Nullable String variant) {
    String infix = infix(variant);
    return ImmutableList.<String>builder()
        .add(safetensorsStem + infix + SAFETENSORS)
        .addAll(indexes(safetensorsStem, SAFETENSORS, infix))
        .add(torchStem + infix + TORCH)
        .addAll(indexes(torchStem, TORCH, infix))
        .build();
  }

  /**
   * Tells whether a file is the index of shards.
   *
   * @param name of a file
   * @return true for an index
   */
  public static boolean isIndex(String name) {
    return name.endsWith(".json");
  }

  /**
   * Selects the files of one copy of the weights.
   *
   * @param names of all files in the network's folder
   * @param variant such as {@code fp16}; null for the plain files
   * @return one file, or an index and its shards; empty if there are none, or shards are missing
   */
  public ImmutableList<String> select(Collection<String> names, @Nullable String variant) {
    for (String candidate : candidates(variant)) {
      if (!names.contains(candidate)) {
        continue;
      }
      if (!isIndex(candidate)) {
        return ImmutableList.of(candidate);
      }
      boolean safetensors = candidate.contains(SAFETENSORS);
      List<String> shards =
          shards(
              names,
              safetensors ? safetensorsStem : torchStem,
              safetensors ? SAFETENSORS : TORCH,
              infix(variant));
      if (!shards.isEmpty()) {
        return ImmutableList.<String>builder().add(candidate).addAll(shards).build();
      }
    }
    return ImmutableList.of();
  }

  /**
   * Finds the variants in a folder.
   *
   * @param names of all files in the network's folder
   * @return words such as {@code fp16}, sorted
   */
  public Set<String> variants(Collection<String> names) {
    Set<String> variants = new TreeSet<>();
    for (String name : names) {
      variant(name).filter(word -> !word.isEmpty()).ifPresent(variants::add);
    }
    return variants;
  }

  /**
   * Tells whether a folder holds plain weights.
   *
   * @param names of all files in the network's folder
   * @return true if one of them is a plain file of weights
   */
  public boolean hasPlain(Collection<String> names) {
    return names.stream().map(this::variant).anyMatch(Optional.of("")::equals);
  }

  /** The variant of a file of weights, "" for a plain one; empty for other files. */
  private Optional<String> variant(String name) {
    boolean safetensors = name.endsWith(SAFETENSORS);
    Matcher matcher =
        Pattern.compile(
                Pattern.quote(safetensors ? safetensorsStem : torchStem)
                    + "(?:\\.(?<new>\\w+))?(?:-\\d{5}-of-\\d{5})?(?:\\.(?<old>\\w+))?"
                    + Pattern.quote(safetensors ? SAFETENSORS : TORCH))
            .matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String word = matcher.group("new") == null ? matcher.group("old") : matcher.group("new");
    return Optional.of(word == null ? "" : word);
  }

  private static String infix(@Nullable String variant) {
    return variant == null ? "" : "." + variant;
  }

  /** Versions of diffusers and transformers put the word of a variant at different places. */
  private static Set<String> indexes(String stem, String ending, String infix) {
    return new LinkedHashSet<>(
        List.of(
            stem + ending + ".index" + infix + ".json",
            stem + infix + ending + ".index.json",
            stem + ending + infix + ".index.json"));
  }

  private static List<String> shards(
      Collection<String> names, String stem, String ending, String infix) {
    for (String middle : List.of(Pattern.quote(infix) + SHARD, SHARD + Pattern.quote(infix))) {
      Pattern pattern = Pattern.compile(Pattern.quote(stem) + middle + Pattern.quote(ending));
      List<String> shards = new ArrayList<>();
      int count = 0;
      for (String name : names) {
        Matcher matcher = pattern.matcher(name);
        if (matcher.matches()) {
          shards.add(name);
          count = Integer.parseInt(matcher.group("count"));
        }
      }
      if (!shards.isEmpty() && shards.size() == count) {
        return shards.stream().sorted().toList();
      }
    }
    return List.of();
  }
}
