package io.t2v.cli;

import io.t2v.Generation;
import io.t2v.SavedRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for runs that outlive their process, and for what is left of stopped ones. */
final class SavedRunOptions {
  private static final String SAVE_RUN = "--save-run";

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = SAVE_RUN,
      paramLabel = "FILE",
      description = {
        "Save the run to FILE after each step, so that --resume-run can go on with it. For one"
            + " video, or several with --batch."
      })
  private @Nullable Path saveTo;

  @Option(
      names = "--resume-run",
      paramLabel = "FILE",
      description = {
        "Go on with a run that --save-run saved, with its prompt and settings, and go on saving it"
            + " there. If it started from pictures or a video, all of its options are needed again."
      })
  private @Nullable Path resumeFrom;

  @Option(
      names = "--keep-partial",
      description = {
        "When the command is stopped or fails while it decodes, keep the frames that are done, in a"
            + " file that plays. Default: nothing is kept."
      })
  private boolean keepPartial;

  private Optional<SavedRun> resumed = Optional.empty();

  boolean keepsPartial() {
    return keepPartial;
  }

  /** Reads the run to go on with, if there is one. */
  Optional<SavedRun> read() {
    resumed = Optional.ofNullable(resumeFrom).map(SavedRun::read);
    return resumed;
  }

  /** Refuses several runs for one file. */
  void check(int requests) {
    if (requests > 1 && (saveTo != null || resumeFrom != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '%s' is for one run, but there are %s videos: add --batch, or make one at a time"
              .formatted(saveTo != null ? SAVE_RUN : "--resume-run", requests));
    }
  }

  /**
   * Refuses to save the run over a file that is there, unless it is the run that goes on, and over
   * what the command itself reads or writes.
   */
  void requireWritable(List<Path> outputs, boolean force) {
    Path file = file();
    if (file == null) {
      return;
    }
    DistinctFiles.require(Stream.concat(outputs.stream(), Stream.of(file)).toList());
    if (resumeFrom != null && DistinctFiles.same(file, resumeFrom)) {
      return;
    }
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      if (!option.longestName().equals(SAVE_RUN)
          && files(option).anyMatch(read -> DistinctFiles.same(read, file))) {
        throw new ParameterException(
            spec.commandLine(),
            "Options '%s' and '%s' name the same file, %s"
                .formatted(SAVE_RUN, option.longestName(), file));
      }
    }
    if (Files.exists(file) && !force) {
      throw new FailureException(
          file
              + " exists already: go on with the run in it with --resume-run, choose another name,"
              + " or replace it with --force.");
    }
    OutputFiles.requireWritable(file, force);
  }

  private static Stream<Path> files(OptionSpec option) {
    Object value = option.getValue();
    Stream<?> values = value instanceof Map<?, ?> map ? map.values().stream() : Stream.of(value);
    return values.filter(Path.class::isInstance).map(Path.class::cast);
  }

  /** Where the run is saved; null if it is not. */
  private @Nullable Path file() {
    return saveTo != null ? saveTo : resumeFrom;
  }

  /** Sets where the run begins, and where it is saved. */
  Generation applyTo(Generation generation) {
    resumed.ifPresent(generation::resume);
    Path file = file();
    return file == null ? generation : generation.saveRunTo(file);
  }
}
