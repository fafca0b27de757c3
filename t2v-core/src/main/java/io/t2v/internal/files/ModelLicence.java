package io.t2v.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The licence of a model's weights: the field {@code license} in the front matter of the model
 * card, {@code README.md}, or else the first line of a licence file.
 */
final class ModelLicence {
  private static final int MOST_BYTES = 64 << 10;
  private static final String FENCE = "---";

  private ModelLicence() {}

  static Optional<String> of(Path folder) {
    return ofCard(lines(folder.resolve("README.md")))
        .or(() -> ofFile(lines(folder.resolve("LICENSE"))))
        .or(() -> ofFile(lines(folder.resolve("LICENSE.txt"))))
        .or(() -> ofFile(lines(folder.resolve("LICENSE.md"))));
  }

  /** The beginning of a text; nothing if it cannot be read, as it says nothing then. */
  private static List<String> lines(Path file) {
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Optional<String> ofCard(List<String> lines) {
    if (lines.isEmpty() || !lines.get(0).strip().equals(FENCE)) {
      return Optional.empty();
    }
    List<String> rest = lines.subList(1, lines.size());
    List<String> frontMatter =
        rest.stream().takeWhile(line -> !line.strip().equals(FENCE)).toList();
    Optional<String> licence = field(frontMatter, "license");
    return licence.filter("other"::equals).isPresent()
        ? field(frontMatter, "license_name").or(() -> licence)
        : licence;
  }

  /** A value behind the name, or the first item of a list below it. */
  private static Optional<String> field(List<String> lines, String name) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(name + ":")) {
        String value = bare(lines.get(i).substring(name.length() + 1));
        String next = i + 1 < lines.size() ? lines.get(i + 1).strip() : "";
        if (value.isEmpty() && next.startsWith("- ")) {
          value = bare(next.substring(2));
        }
        return Optional.of(value).filter(text -> !text.isEmpty());
      }
    }
    return Optional.empty();
  }

  private static String bare(String yaml) {
    return yaml.strip().replaceAll("^[\"'\\[]+|[\"'\\]]+$", "").strip();
  }

  private static Optional<String> ofFile(List<String> lines) {
    return lines.stream().map(String::strip).filter(line -> !line.isEmpty()).findFirst();
  }
}
