package io.t2v.cli;

import io.t2v.ffmpeg.VideoReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How much memory the frames of a video that is read may take. */
final class ReadLimitOption {
  private static final long BYTES_OF_MB = 1_000_000;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--read-limit",
      paramLabel = "MB",
      description =
          "The most memory that the frames of a video may take when it is read. Default:"
              + " 1074.")
  private @Nullable Long limit;

  VideoReader reader() {
    return Usage.changed(
        spec,
        "--read-limit",
        limit,
        VideoReader.create(),
        (reader, megabytes) -> reader.withMemoryLimit(Math.multiplyExact(megabytes, BYTES_OF_MB)));
  }
}
