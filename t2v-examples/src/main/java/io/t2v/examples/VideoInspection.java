package io.t2v.examples;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Clip;
import io.t2v.ffmpeg.VideoSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code t2v inspect-video}: how a file was made, as JSON. */
@Command(
    name = "inspect-video",
    mixinStandardHelpOptions = true,
    versionProvider = T2v.Version.class,
    description = {
      "Prints as JSON with what settings a video file was made.",
      "",
      "`t2v generate --like FILE` makes it again."
    })
final class VideoInspection implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A file that t2v wrote, or a folder of PNG files.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Override
  public Integer call() throws IOException {
    spec.commandLine().getOut().println(describe(file));
    spec.commandLine().getOut().flush();
    return 0;
  }

  /**
   * Describes a video file.
   *
   * @return JSON
   * @throws FailureException if the file says nothing of how it was made
   */
  static String describe(Path file) throws IOException {
    Clip clip = settings(file);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", file.toString());
    fields.put("width", clip.width());
    fields.put("height", clip.height());
    fields.put("frames", clip.frames());
    fields.put("framesPerSecond", clip.framesPerSecond());
    fields.putAll(clip.provenance().properties());
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(fields);
  }

  /** Reads the settings that are expected in a file. */
  static Clip settings(Path file) throws IOException {
    return VideoSettings.read(file)
        .orElseThrow(
            () ->
                new FailureException(
                    file
                        + " does not say how it was made: expected a file that t2v wrote, without"
                        + " --no-settings."));
  }
}
