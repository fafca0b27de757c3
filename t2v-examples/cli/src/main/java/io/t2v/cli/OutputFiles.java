package io.t2v.cli;

import io.t2v.Video;
import io.t2v.ffmpeg.VideoFormat;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Where results go: names are found, and checked, before the work begins. */
final class OutputFiles {
  private static final int LONGEST_STEM = 60;

  private OutputFiles() {}

  /**
   * A name for a file that shows a prompt: its letters and digits, with dashes between. Accents
   * stay, composed with their letters where Unicode can, so that one prompt has one name.
   */
  static String stemOf(String prompt) {
    String stem =
        Normalizer.normalize(prompt, Normalizer.Form.NFC)
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{M}\\p{N}]+", "-");
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

  /** Whether a folder holds pictures and nothing else, which is what a video as PNG files is. */
  static boolean isVideoFolder(Path folder, VideoFormat format) throws IOException {
    if (format != VideoFormat.PNG_FILES || !Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> content = Files.list(folder)) {
      List<Path> files = content.toList();
      return !files.isEmpty() && files.stream().allMatch(OutputFiles::isPng);
    }
  }

  private static boolean isPng(Path file) {
    return Files.isRegularFile(file) && file.toString().toLowerCase(Locale.ROOT).endsWith(".png");
  }

  /** Refuses a file, or a folder of PNG files, that cannot be written or would be replaced. */
  static void requireWritable(Path file, VideoFormat format, boolean force) throws IOException {
    if (isVideoFolder(file, format)) {
      requireNew(file, force);
    } else {
      requireWritable(file, force);
    }
  }

  /** Refuses a file that cannot be written, or would be replaced. */
  static void requireWritable(Path file, boolean force) {
    if (file.equals(OutputOptions.STDOUT)) {
      throw new FailureException(
          "- is stdout, to which only generate --output - writes: name a file; ./- is one called -.");
    }
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
    requireNew(file, force);
    requirePossible(file);
  }

  private static void requireNew(Path file, boolean force) {
    if (Files.exists(file) && !force) {
      throw new FailureException(
          file + " exists already: choose another name, or replace it with --force.");
    }
  }

  /**
   * Asks the file system itself, as what a name may be differs between them. Through a link the
   * file that it points to is written, which need not exist.
   */
  private static void requirePossible(Path file) {
    if (Files.exists(file) || Files.isSymbolicLink(file)) {
      return;
    }
    try {
      Files.delete(Files.createFile(file));
    } catch (IOException e) {
      String reason =
          e instanceof FileSystemException f && f.getReason() != null
              ? f.getReason()
              : String.valueOf(e.getMessage());
      throw new FailureException(
          "There can be no file " + file + ": " + reason + "; choose another name.");
    }
  }

  /** The name itself, or the first one with a number of which there is no file. */
  static Path free(Path file) {
    Path free = file;
    for (int i = 1; Files.exists(free); i++) {
      free = withNumber(file, i);
    }
    return free;
  }

  /** Tells on stderr that a file got another name, as one of its own name appeared meanwhile. */
  static void sayIfOther(CommandSpec spec, @Nullable Path wanted, @Nullable Path made) {
    if (!Objects.equals(wanted, made)) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("t2v: " + wanted + " appeared meanwhile, and stays as it is: wrote " + made);
      err.flush();
    }
  }

  /**
   * Writes a video. A folder of PNG files that is there takes its place back if that fails.
   *
   * @param file where {@link #requireWritable} found nothing to refuse
   * @param force whether what is there is replaced
   * @return where it is: beside the file, if one appeared there meanwhile
   */
  static Path write(VideoWriter writer, Video video, Path file, boolean force) throws IOException {
    if (!force) {
      return writer.withoutReplacing().write(video, file);
    }
    ReplacedFolder replaced = ReplacedFolder.at(file, writer.format());
    try {
      writer.write(video, file);
    } catch (IOException | RuntimeException e) {
      replaced.restore();
      throw e;
    }
    replaced.delete();
    return file;
  }
}
