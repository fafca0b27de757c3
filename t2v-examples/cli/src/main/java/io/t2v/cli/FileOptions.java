package io.t2v.cli;

import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.VideoInfo;
import io.t2v.ffmpeg.ScalingFilter;
import io.t2v.ffmpeg.VideoEncoder;
import io.t2v.ffmpeg.VideoFormat;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that say what kind of file a video becomes. */
final class FileOptions {
  private static final String AUTO = "auto";

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = {
        "Kind of the file: ${COMPLETION-CANDIDATES}. Default: by the ending of its name, such as"
            + " .mp4, .webm, .gif, .webp, .apng, .mov, .mkv. png_files is a folder."
      })
  private @Nullable VideoFormat format;

  @Option(
      names = "--encoder",
      paramLabel = "ENCODER",
      description = {
        "FFmpeg's encoder, such as libsvtav1 or h264_nvenc; auto takes the first hardware encoder"
            + " that works, or software. Default: the format's own in software."
      })
  private @Nullable String encoder;

  @Option(
      names = "--quality",
      paramLabel = "1..100",
      description =
          "Quality of the file, and its size. Default: " + VideoWriter.DEFAULT_QUALITY + ".")
  private @Nullable Integer quality;

  @Option(
      names = "--bit-rate",
      paramLabel = "N",
      description = "Bits per second, in place of a quality.")
  private @Nullable Long bitRate;

  @Option(
      names = "--key-frames",
      paramLabel = "SECONDS",
      description = "Time between frames to which players can jump. Default: 2.")
  private @Nullable Double keyFrames;

  @Option(
      names = "--scale",
      paramLabel = "WxH",
      converter = FrameSize.Converter.class,
      description = "Size of the file's frames. Default: that of the video.")
  private @Nullable FrameSize scale;

  @Option(
      names = "--scaling-filter",
      paramLabel = "FILTER",
      description = "How --scale makes pixels: ${COMPLETION-CANDIDATES}. Default: lanczos.")
  private @Nullable ScalingFilter filter;

  @Option(
      names = "--loops",
      paramLabel = "N",
      description = "How often GIF, WebP and APNG play; 0 for ever. Default: 0.")
  private @Nullable Integer loops;

  @Option(
      names = "--still",
      paramLabel = "SECONDS",
      description = "Show the first frame that long before the video moves. Default: 0.")
  private @Nullable Double still;

  @Option(
      names = "--no-settings",
      description = {
        "Do not write into the file how it was made, nor that a machine made it. Default: both are"
            + " written."
      })
  private boolean noSettings;

  /** Tells what is written to a path, or to a folder of files. */
  VideoFormat format(@Nullable Path output) {
    if (format != null) {
      requireEnding(output, format);
      return format;
    }
    if (output == null || Files.isDirectory(output)) {
      return VideoFormat.MP4;
    }
    return VideoFormat.forFile(output).orElseThrow(() -> noFormat(output));
  }

  private void requireEnding(@Nullable Path output, VideoFormat chosen) {
    if (output == null || Files.isDirectory(output) || chosen.endings().isEmpty()) {
      return;
    }
    VideoFormat named = VideoFormat.forFile(output).orElse(chosen);
    if (named != chosen) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--output': %s ends as %s does, but --format is %s"
              .formatted(output, lower(named), lower(chosen)));
    }
  }

  private ParameterException noFormat(Path output) {
    String endings =
        String.join(
            ", ",
            Arrays.stream(VideoFormat.values())
                .flatMap(known -> known.endings().stream())
                .toList());
    return new ParameterException(
        spec.commandLine(),
        "Invalid value for option '--output': %s does not end with one of %s; or choose a --format"
            .formatted(output, endings));
  }

  /** The ending for files that are named by the program. */
  static String ending(VideoFormat format) {
    return format.endings().isEmpty() ? "" : format.endings().get(0);
  }

  /** Makes the writer, and refuses what does not go together. */
  VideoWriter writer(VideoFormat chosen) {
    if (quality != null && bitRate != null) {
      throw new ParameterException(
          spec.commandLine(), "Options '--quality' and '--bit-rate' exclude each other");
    }
    VideoWriter writer = VideoWriter.of(chosen);
    writer = Usage.changed(spec, "--encoder", encoder, writer, FileOptions::withEncoder);
    writer = Usage.changed(spec, "--quality", quality, writer, VideoWriter::withQuality);
    writer = Usage.changed(spec, "--bit-rate", bitRate, writer, VideoWriter::withBitRate);
    writer =
        Usage.changed(spec, "--key-frames", keyFrames, writer, VideoWriter::withKeyFrameInterval);
    writer =
        Usage.changed(
            spec, "--scale", scale, writer, (w, size) -> w.withSize(size.width(), size.height()));
    writer =
        Usage.changed(spec, "--scaling-filter", filter, writer, VideoWriter::withScalingFilter);
    writer = Usage.changed(spec, "--loops", loops, writer, VideoWriter::withLoops);
    writer = Usage.changed(spec, "--still", still, writer, VideoWriter::withStillFirst);
    return noSettings ? writer.withoutSettings() : writer;
  }

  /**
   * Encodes a black frame of a video's size, in memory: what an encoder refuses, it refuses before
   * the video is computed.
   */
  static void tryOut(VideoWriter writer, VideoInfo clip) throws IOException {
    if (writer.format() != VideoFormat.PNG_FILES) {
      byte[] black = new byte[3 * clip.width() * clip.height()];
      writer.toBytes(
          Video.of(
              clip.width(),
              clip.height(),
              clip.framesPerSecond(),
              List.of(black),
              Provenance.unknown()));
    }
  }

  private static VideoWriter withEncoder(VideoWriter writer, String name) {
    if (name.equals(AUTO)) {
      return writer.withHardware();
    }
    return writer.withEncoder(
        Arrays.stream(VideoEncoder.values())
            .filter(known -> known.encoderName().equalsIgnoreCase(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no encoder "
                            + name
                            + " here, expected auto or one of "
                            + writer.format().encoders().stream()
                                .map(VideoEncoder::encoderName)
                                .toList())));
  }

  private static String lower(VideoFormat chosen) {
    return chosen.name().toLowerCase(Locale.ROOT);
  }
}
