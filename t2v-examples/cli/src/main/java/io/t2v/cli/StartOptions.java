package io.t2v.cli;

import io.t2v.GenerationRequest;
import io.t2v.Video;
import io.t2v.cli.keyframes.FrameWeights;
import io.t2v.ffmpeg.Fit;
import io.t2v.ffmpeg.VideoReadException;
import io.t2v.ffmpeg.VideoReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      converter = FrameValue.Converter.class,
      description = "Picture that frame N is held at, from 0. Repeatable.")
  private List<FrameValue> keyFrames = List.of();

  @Option(
      names = "--key-frame-mask",
      paramLabel = "N=FILE",
      converter = FrameValue.Converter.class,
      description = "Picture that is white where frame N is free although it is held. Repeatable.")
  private List<FrameValue> masks = List.of();

  @Option(
      names = "--image-weights",
      paramLabel = "EXPRESSIONS",
      description = {
        "How free frames are from --init-image, 0 to 1, in the web UI's key frame expressions: by"
            + " default the first frame alone is held; 0:(t/max_i_f), \"max_i_f\":(1) leaves it"
            + " evenly."
      })
  private @Nullable String imageWeights;

  @Option(
      names = "--image-frames",
      paramLabel = "N",
      description = "How many frames have --image-weights. Default: all.")
  private @Nullable Integer imageFrames;

  @Mixin private final ReadLimitOption limit = new ReadLimitOption();

  private @Nullable Unsized unsized;

  /** A file whose own size is that of the video. */
  private record Unsized(String option, Path file, int width, int height) {
    private static final int MULTIPLE = 8;

    boolean isMeantBy(String message) {
      return message.startsWith("width is " + width + ",")
          || message.startsWith("height is " + height + ",");
    }

    String message() {
      return "Invalid value for option '%s': %s is %sx%s, expected multiples of %s: add --size %sx%s"
          .formatted(option, file, width, height, MULTIPLE, nearest(width), nearest(height));
    }

    private static int nearest(int length) {
      return Math.max(1, Math.round((float) length / MULTIPLE)) * MULTIPLE;
    }
  }

  /**
   * Reads the files that were given, at the size and number of frames that the settings ask for,
   * and sets what they hold.
   *
   * @param recorded of the file to repeat: weights and strength where no options say others
   * @param say tells that a file is another one than was recorded
   * @throws FailureException if the file to repeat started from what is not given
   */
  void applyTo(
      GenerationRequest settings,
      GenerationRequest.Builder builder,
      RecordedStart recorded,
      Consumer<String> say)
      throws VideoReadException {
    requireGiven(recorded);
    Map<Integer, String> pictures = FrameValue.byFrame(spec, "--key-frame", keyFrames);
    Map<Integer, String> maskFiles = FrameValue.byFrame(spec, "--key-frame-mask", masks);
    VideoReader reader = limit.reader();
    if (settings.width().isPresent()) {
      reader =
          reader.withSize(
              settings.width().getAsInt(), settings.height().orElseThrow(), Fit.STRETCH);
    }
    Video video = read(reader.withFrames(settings.frames()), initVideo);
    if (video != null) {
      compare("--init-video", recorded.initVideo(), video, say);
    }
    Usage.check(spec, "--init-video", video, builder::initVideo);
    boolean sized = settings.width().isPresent();
    noteSize(sized, "--init-video", initVideo, video);
    Double chosen = strength == null && video != null ? recorded.strength().orElse(null) : strength;
    Usage.check(spec, "--strength", chosen, builder::strength);
    Video image = read(reader.withFrames(1), initImage);
    noteSize(sized, "--init-image", initImage, image);
    setImage(image, settings, builder, recorded, say);
    for (Map.Entry<Integer, String> frame : pictures.entrySet()) {
      int index = frame.getKey();
      Path file = Path.of(frame.getValue());
      Video picture = reader.withFrames(1).read(file);
      noteSize(sized, "--key-frame", file, picture);
      String mask = maskFiles.get(index);
      setKeyFrame(
          index,
          picture,
          read(reader.withFrames(1), mask == null ? null : Path.of(mask)),
          builder,
          recorded,
          say);
    }
    sayWhatIsLeftOut(recorded, pictures.keySet(), say);
    if (!pictures.keySet().containsAll(maskFiles.keySet())) {
      throw new ParameterException(
          spec.commandLine(), "Option '--key-frame-mask' expects '--key-frame' of the same frame");
    }
  }

  /**
   * Keeps the size that the video takes from a file: the first one, without any in the settings.
   */
  private void noteSize(
      boolean sized, String option, @Nullable Path file, @Nullable Video content) {
    if (!sized && unsized == null && file != null && content != null) {
      unsized = new Unsized(option, file, content.width(), content.height());
    }
  }

  /** The error for a request whose size does not fit the model, if it is that of a file. */
  Optional<ParameterException> misfit(RuntimeException e) {
    return Optional.ofNullable(unsized)
        .filter(file -> file.isMeantBy(String.valueOf(e.getMessage())))
        .map(file -> new ParameterException(spec.commandLine(), file.message(), e));
  }

  private void requireGiven(RecordedStart recorded) {
    if (recorded.initVideo().isPresent() && initVideo == null) {
      throw new FailureException(
          "The video started from another one, which its file does not hold: give it with --init-video.");
    }
    if (!recorded.frames().isEmpty() && initImage == null && keyFrames.isEmpty()) {
      throw new FailureException(
          "The video has frames held at pictures, which its file does not hold: give them with --init-image or --key-frame; frames %s."
              .formatted(recorded.frames().keySet()));
    }
  }

  private void sayWhatIsLeftOut(RecordedStart recorded, Set<Integer> given, Consumer<String> say) {
    NavigableSet<Integer> left = new TreeSet<>(recorded.frames().keySet());
    left.removeAll(given);
    if (initImage != null) {
      left.headSet(Math.max(1, recorded.firstWeights().size())).clear();
    }
    if (!left.isEmpty()) {
      say.accept(
          "recorded key frames that are not given are free now: frames %s; give their pictures with --key-frame N=FILE"
              .formatted(left));
    }
  }

  /** Returns whether a file is the recorded one; says so if it is another one. */
  private static boolean compare(
      String option, Optional<String> recorded, Video given, Consumer<String> say) {
    boolean same = recorded.equals(Optional.of(Sha256.of(given)));
    if (recorded.isPresent() && !same) {
      say.accept(option + " is not what the file to repeat started from");
    }
    return same;
  }

  private void setImage(
      @Nullable Video image,
      GenerationRequest settings,
      GenerationRequest.Builder builder,
      RecordedStart recorded,
      Consumer<String> say) {
    if (image == null) {
      if (imageWeights != null || imageFrames != null) {
        throw new ParameterException(
            spec.commandLine(),
            "Options '--image-weights' and '--image-frames' expect '--init-image' with them");
      }
      return;
    }
    compare("--init-image", recorded.frame(0).map(RecordedStart.Frame::image), image, say);
    if (imageWeights != null) {
      int count = imageFrames == null ? settings.frames() : imageFrames;
      long seed = settings.seeds().stream().findFirst().orElse(0L);
      Usage.check(
          spec,
          "--image-weights",
          imageWeights,
          text ->
              builder.initImage(
                  image.image(0),
                  FrameWeights.parse(text).ofFrames(count, settings.frames(), seed)));
    } else if (recorded.firstWeights().isEmpty()) {
      Usage.check(spec, "--init-image", image, value -> builder.initImage(value.image(0)));
    } else {
      builder.initImage(image.image(0), recorded.firstWeights());
    }
  }

  private void setKeyFrame(
      int index,
      Video picture,
      @Nullable Video mask,
      GenerationRequest.Builder builder,
      RecordedStart recorded,
      Consumer<String> say) {
    Optional<RecordedStart.Frame> before = recorded.frame(index);
    boolean same =
        compare("--key-frame " + index, before.map(RecordedStart.Frame::image), picture, say);
    double weight = before.map(RecordedStart.Frame::weight).orElse(0.0);
    Optional<String> maskBefore = before.flatMap(RecordedStart.Frame::mask);
    if (mask == null && maskBefore.isPresent()) {
      if (same) {
        throw new FailureException(
            "Frame %s of the video has a mask, which its file does not hold: give it with --key-frame-mask."
                .formatted(index));
      }
      say.accept(
          "frame %s of the recorded video has a mask, the new picture has none; give one with --key-frame-mask %s=FILE"
              .formatted(index, index));
    }
    if (mask == null) {
      Usage.check(
          spec, "--key-frame", picture, value -> builder.keyFrame(index, value.image(0), weight));
    } else {
      compare("--key-frame-mask " + index, maskBefore, mask, say);
      Usage.check(
          spec,
          "--key-frame-mask",
          mask,
          value -> builder.keyFrame(index, picture.image(0), weight, value.image(0)));
    }
  }

  private static @Nullable Video read(VideoReader reader, @Nullable Path file)
      throws VideoReadException {
    return file == null ? null : reader.read(file);
  }
}
