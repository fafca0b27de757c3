package io.t2v.cli;

import io.t2v.Generation;
import io.t2v.SavedRun;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for runs that outlive their process, and for what is left of stopped ones. */
final class SavedRunOptions {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--save-run",
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
              .formatted(saveTo != null ? "--save-run" : "--resume-run", requests));
    }
  }

  /** Sets where the run begins, and where it is saved. */
  Generation applyTo(Generation generation) {
    resumed.ifPresent(generation::resume);
    Path file = saveTo != null ? saveTo : resumeFrom;
    return file == null ? generation : generation.saveRunTo(file);
  }
}
