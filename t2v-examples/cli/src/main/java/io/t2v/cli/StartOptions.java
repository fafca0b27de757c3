package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.Video;
import io.t2v.ffmpeg.Fit;
import io.t2v.ffmpeg.VideoReadException;
import io.t2v.ffmpeg.VideoReader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that say what a video starts from, apart from noise. */
final class StartOptions {
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--init-video",
      paramLabel = "FILE",
      description = "Video to start from: its first frames, scaled to --size where that is given.")
  private @Nullable Path initVideo;

  @Option(
      names = "--strength",
      paramLabel = "X",
      description =
          "How far the result may leave --init-video: 0 keeps it, 1 computes every step. Default:"
              + " 0.6.")
  private @Nullable Double strength;

  @Option(
      names = "--init-image",
      paramLabel = "FILE",
      description = "Picture that the video begins as; later frames leave it more and more.")
  private @Nullable Path initImage;

  @Option(
      names = "--key-frame",
      paramLabel = "N=FILE",
      description = "Picture that frame N is held at, from 0. Repeatable.")
  private final Map<Integer, Path> keyFrames = new LinkedHashMap<>();

  /**
   * Reads the files that were given, at the size and number of frames that the settings ask for,
   * and sets what they hold.
   */
  void applyTo(GenerationRequest settings, GenerationRequest.Builder builder)
      throws VideoReadException {
    VideoReader reader = VideoReader.create();
    if (settings.width().isPresent()) {
      reader =
          reader.withSize(
              settings.width().getAsInt(), settings.height().orElseThrow(), Fit.STRETCH);
    }
    Video video = read(reader.withFrames(settings.frames()), initVideo);
    Video image = read(reader.withFrames(1), initImage);
    Map<Integer, Video> held = new LinkedHashMap<>();
    for (Map.Entry<Integer, Path> frame : keyFrames.entrySet()) {
      held.put(frame.getKey(), reader.withFrames(1).read(frame.getValue()));
    }
    Usage.check(spec, "--init-video", video, builder::initVideo);
    Usage.check(spec, "--strength", strength, builder::strength);
    Usage.check(spec, "--init-image", image, value -> builder.initImage(value.image(0)));
    held.forEach(
        (index, picture) ->
            Usage.check(
                spec, "--key-frame", picture, value -> builder.keyFrame(index, value.image(0))));
  }

  private static @Nullable Video read(VideoReader reader, @Nullable Path file)
      throws VideoReadException {
    return file == null ? null : reader.read(file);
  }
}
