package io.t2v.cli;

import io.t2v.FullSizeCheckpoint;
import io.t2v.GenerationCancelledException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code t2v random-checkpoint}: a model of the real size, for measurements. */
@Command(
    name = "random-checkpoint",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = T2v.Version.class,
    description = {
      "Writes a checkpoint of the published model's size, 1.7 billion parameters, with random"
          + " weights.",
      "",
      "Its videos are noise, but take the time and the memory of real ones. The folder is in"
          + " diffusers layout, and can be read by other software as well."
    },
    footer = {
      "",
      "For example:",
      "  t2v random-checkpoint full-size",
      "  t2v benchmark --checkpoint full-size --steps 3"
    })
final class RandomCheckpointCommand implements Callable<Integer> {
  private static final long GIB = 1L << 30;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @ParentCommand
  @SuppressWarnings("NullAway.Init")
  private T2v t2v;

  @Parameters(
      paramLabel = "DIR",
      description = "Folder to write; it must be empty, or not exist yet.")
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  /** How weights are stored. */
  enum Dtype {
    F32,
    F16
  }

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "F32",
      description = {
        "How weights are stored: ${COMPLETION-CANDIDATES}, which take 6.9 and 3.5 GiB. Default:"
            + " ${DEFAULT-VALUE}."
      })
  private Dtype dtype = Dtype.F32;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Which weights. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private final ProgressOptions progress = new ProgressOptions();

  @Override
  public Integer call() throws IOException {
    requireEmpty();
    FullSizeCheckpoint checkpoint = new FullSizeCheckpoint(dtype.name());
    boolean existed = Files.exists(folder);
    Files.createDirectories(folder);
    boolean complete = false;
    try (CtrlC ctrlC = CtrlC.listen();
        ProgressDisplay display =
            progress.open("weights", t2v.streams(), spec.commandLine().getErr())) {
      try {
        requireRoom(checkpoint.bytes());
        checkpoint.write(
            folder,
            seed,
            bytes -> {
              if (ctrlC.token().isCancelled()) {
                throw new GenerationCancelledException("The writing was cancelled.");
              }
              display.show(
                  Math.min(1, (double) bytes / checkpoint.bytes()),
                  String.format(
                      Locale.ROOT,
                      "%.1f of %.1f GiB",
                      (double) bytes / GIB,
                      (double) checkpoint.bytes() / GIB));
            });
        complete = true;
      } finally {
        if (!complete) {
          deleteContent(existed ? null : folder);
        }
      }
    }
    spec.commandLine().getOut().println(folder);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private void requireEmpty() throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new FailureException(folder + " is a file, expected a folder.");
    }
    try (Stream<Path> content = Files.list(folder)) {
      if (content.findAny().isPresent()) {
        throw new FailureException(
            "The folder " + folder + " is not empty: name one that is, or that does not exist.");
      }
    }
  }

  private void requireRoom(long bytes) throws IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < bytes) {
      throw new FailureException(
          String.format(
              Locale.ROOT,
              "The checkpoint takes %.1f GiB, but %s has %.1f GiB left.",
              (double) bytes / GIB,
              folder.toAbsolutePath(),
              (double) free / GIB));
    }
  }

  /** Half a checkpoint is of no use, and large. The folder was empty before. */
  private void deleteContent(@Nullable Path alsoFolder) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(folder)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      if (!path.equals(folder) || path.equals(alsoFolder)) {
        Files.deleteIfExists(path);
      }
    }
  }
}
