package io.t2v.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where results go: names are found, and checked, before the work begins. */
final class OutputFiles {
  private static final int LONGEST_STEM = 60;

  private OutputFiles() {}

  /** A name for a file that shows a prompt: its letters and digits, with dashes between. */
  static String stemOf(String prompt) {
    String stem =
        Normalizer.normalize(prompt, Normalizer.Form.NFKD)
            .replaceAll("\\p{M}", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N}]+", "-");
    stem = stem.substring(0, stem.offsetByCodePoints(0, letters(stem)));
    stem = stem.replaceAll("^-|-$", "");
    return stem.isEmpty() ? "video" : stem;
  }

  private static int letters(String stem) {
    return Math.min(LONGEST_STEM, stem.codePointCount(0, stem.length()));
  }

  /** Puts numbers before the ending of names that occur more than once: out-1.mp4, out-2.mp4. */
  static List<Path> numbered(List<Path> files) {
    Map<Path, Integer> counts = new HashMap<>();
    files.forEach(file -> counts.merge(file, 1, Integer::sum));
    Map<Path, Integer> numbers = new HashMap<>();
    List<Path> numbered = new ArrayList<>();
    for (Path file : files) {
      boolean alone = counts.getOrDefault(file, 0) == 1;
      numbered.add(alone ? file : withNumber(file, numbers.merge(file, 1, Integer::sum)));
    }
    return numbered;
  }

  private static Path withNumber(Path file, int number) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    int end = dot > 0 ? dot : name.length();
    return file.resolveSibling(name.substring(0, end) + "-" + number + name.substring(end));
  }

  /** Refuses a file that cannot be written, or would be overwritten. */
  static void requireWritable(Path file, boolean force) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(file)) {
      throw new FailureException(file + " is a folder, expected the name of a file.");
    }
    if (!Files.isDirectory(folder)) {
      throw new FailureException("There is no folder " + folder + ": create it first.");
    }
    if (!Files.isWritable(folder)) {
      throw new FailureException("The folder " + folder + " cannot be written.");
    }
    if (Files.exists(file) && !force) {
      throw new FailureException(
          file + " exists already: choose another name, or replace it with --force.");
    }
  }
}
