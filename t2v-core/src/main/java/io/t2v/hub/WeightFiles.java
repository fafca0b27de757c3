package io.t2v.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files that hold one network's weights in diffusers layout: one file, or shards with their
 * index; safetensors if there are any, or else PyTorch's.
 *
 * @param safetensorsStem name without variant and ending, such as {@code model}
 * @param torchStem the same of PyTorch's files
 */
record WeightFiles(String safetensorsStem, String torchStem) {
  /**
   * Chooses.
   *
   * @param names of all files in the network's folder
   * @param variant such as {@code fp16}; null for the plain files
   * @return names; empty if the weights are not there, or not whole
   */
  List<String> choose(Set<String> names, @Nullable String variant) {
    List<String> safetensors = choose(names, safetensorsStem, "safetensors", variant);
    return safetensors.isEmpty() ? choose(names, torchStem, "bin", variant) : safetensors;
  }

  private static List<String> choose(
      Set<String> names, String stem, String ending, @Nullable String variant) {
    String infix = variant == null ? "" : "." + variant;
    String single = stem + infix + "." + ending;
    if (names.contains(single)) {
      return List.of(single);
    }
    String[] indexes = {
      stem + "." + ending + ".index" + infix + ".json", stem + infix + "." + ending + ".index.json"
    };
    for (String index : indexes) {
      if (names.contains(index)) {
        List<String> shards = shards(names, stem, ending, infix);
        if (!shards.isEmpty()) {
          List<String> files = new ArrayList<>(List.of(index));
          files.addAll(shards);
          return files;
        }
      }
    }
    return List.of();
  }

  /** The word of a variant stands before the number, or behind it in older files. */
  private static List<String> shards(Set<String> names, String stem, String ending, String infix) {
    String number = "-(\\d{5})-of-(\\d{5})";
    for (String name : List.of(infix + number, number + infix)) {
      Pattern pattern =
          Pattern.compile(
              Pattern.quote(stem) + name.replace(".", "\\.") + "\\." + Pattern.quote(ending));
      List<String> shards =
          names.stream().filter(file -> pattern.matcher(file).matches()).sorted().toList();
      Optional<Integer> count =
          shards.stream().findFirst().map(pattern::matcher).map(WeightFiles::count);
      if (count.isPresent() && count.get() == shards.size()) {
        return shards;
      }
    }
    return List.of();
  }

  private static int count(Matcher matcher) {
    return matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
  }
}
