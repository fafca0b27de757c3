package io.t2v.cli;

import io.t2v.ffmpeg.VideoFormat;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that say where videos go. */
final class OutputOptions {
  /** What stands for stdout in place of a file. */
  static final Path STDOUT = Path.of("-");

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = {
        "The file to write, of a kind that its ending tells (.mp4, .webm, .gif ...), or an existing"
            + " folder; - writes one video to stdout. Default: an MP4 file named after the prompt,"
            + " in the working folder. Of several videos each gets a number: out-1.mp4, out-2.mp4."
      })
  private @Nullable Path output;

  @Option(
      names = "--contact-sheet",
      paramLabel = "FILE",
      description = "Also write all frames into one PNG picture. Numbered like the videos.")
  private @Nullable Path contactSheet;

  @Option(names = "--force", description = "Replace files that exist.")
  private boolean force;

  @Option(
      names = "--resume",
      description = "Leave out videos whose files exist: those that an interrupted run has made.")
  private boolean resume;

  /** The file that was named, for its format; null where the program names it. */
  @Nullable Path named() {
    return isStdout() || isNamedAsFolder() ? null : output;
  }

  /** Whether what was given ends with a slash, of which a path knows nothing. */
  private boolean isNamedAsFolder() {
    OptionSpec option = spec.commandLine().getParseResult().matchedOption("--output");
    return option != null
        && option.originalStringValues().stream()
            .anyMatch(given -> given.endsWith("/") || given.endsWith(File.separator));
  }

  /** Whether the only video goes to stdout. */
  boolean isStdout() {
    return STDOUT.equals(output);
  }

  /** Whether files that exist are replaced. */
  boolean force() {
    return force;
  }

  /** Whether contact sheets are: of a video that is made again, one may have been left. */
  boolean replacesSheets() {
    return force || resume;
  }

  /** Refuses what does not go together. */
  void check(int videos, boolean json, boolean outIsTerminal) {
    if (force && resume) {
      throw misuse("Options '--force' and '--resume' exclude each other");
    }
    if (isStdout() && json) {
      throw misuse("Options '--output -' and '--json' both write to stdout");
    }
    if (isStdout() && videos > 1) {
      throw misuse("Option '--output -' writes 1 video, not " + videos);
    }
    if (isStdout() && outIsTerminal) {
      throw misuse("Option '--output -' writes a file to stdout, which is a terminal here");
    }
    if (contactSheet != null
        && !Files.isDirectory(contactSheet)
        && !contactSheet.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw misuse(
          "Invalid value for option '--contact-sheet': %s does not end with .png, which is what is written"
              .formatted(contactSheet));
    }
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Names a file for each video. */
  List<Path> files(List<PromptLine> videos, VideoFormat format) throws IOException {
    if (isStdout() && format == VideoFormat.PNG_FILES) {
      throw misuse("Option '--output -' writes one file, but '--format png_files' is a folder");
    }
    if (output != null
        && isNamedAsFolder()
        && format != VideoFormat.PNG_FILES
        && !Files.isDirectory(output)) {
      throw new FailureException("There is no folder " + output + ": create it first.");
    }
    List<Path> files = new ArrayList<>();
    for (PromptLine video : videos) {
      String name = OutputFiles.stemOf(video.prompt()) + FileOptions.ending(format);
      files.add(
          video.output().isPresent()
              ? inFolder(video.output().get())
              : place(output, name, format));
    }
    return OutputFiles.numbered(files);
  }

  /** A name in a file of prompts is one in the folder that the command line names. */
  private Path inFolder(Path name) {
    return output != null && Files.isDirectory(output) ? output.resolve(name) : name;
  }

  /** Names a picture for each video; none if none are wanted. */
  List<Path> sheets(List<PromptLine> videos) {
    if (contactSheet == null) {
      return List.of();
    }
    Path given = contactSheet;
    return OutputFiles.numbered(
        videos.stream()
            .map(
                video ->
                    Files.isDirectory(given)
                        ? given.resolve(OutputFiles.stemOf(video.prompt()) + ".png")
                        : given)
            .toList());
  }

  private static Path place(@Nullable Path given, String name, VideoFormat format)
      throws IOException {
    if (given == null) {
      return Path.of(name);
    }
    boolean contains = Files.isDirectory(given) && !OutputFiles.isVideoFolder(given, format);
    return contains ? given.resolve(name) : given;
  }

  /** All files that are written for videos. */
  List<Path> targets(List<VideoJob> jobs) {
    List<Path> targets = new ArrayList<>();
    for (VideoJob job : jobs) {
      if (!isStdout()) {
        targets.add(job.file());
      }
      if (job.sheet() != null) {
        targets.add(job.sheet());
      }
    }
    return targets;
  }

  /** Leaves out what need not be made again, and refuses what cannot be written. */
  List<VideoJob> toDo(List<VideoJob> jobs, VideoFormat format) throws IOException {
    List<VideoJob> left = new ArrayList<>();
    for (VideoJob job : jobs) {
      if (resume && Files.exists(job.file())) {
        continue;
      }
      if (!isStdout()) {
        OutputFiles.requireWritable(job.file(), format, force);
      }
      if (job.sheet() != null) {
        OutputFiles.requireWritable(job.sheet(), replacesSheets());
      }
      left.add(job);
    }
    return left;
  }
}
