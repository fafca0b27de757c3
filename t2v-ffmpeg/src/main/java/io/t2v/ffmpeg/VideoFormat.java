package io.t2v.ffmpeg;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The kinds of files that a {@link VideoWriter} writes. */
public enum VideoFormat {
  /** H.264 or AV1: plays everywhere. */
  MP4(
      "MP4",
      "mp4",
      List.of(".mp4", ".m4v"),
      Loops.NONE,
      FastStart::edit,
      VideoEncoder.LIBOPENH264,
      VideoEncoder.LIBSVTAV1,
      VideoEncoder.H264_NVENC,
      VideoEncoder.H264_VIDEOTOOLBOX,
      VideoEncoder.H264_QSV,
      VideoEncoder.H264_MF,
      VideoEncoder.AV1_NVENC),
  /** VP9 or AV1: plays in browsers, free of licence fees. */
  WEBM(
      "WebM",
      "webm",
      List.of(".webm"),
      Loops.NONE,
      FileEdit::none,
      VideoEncoder.LIBVPX_VP9,
      VideoEncoder.LIBSVTAV1,
      VideoEncoder.AV1_NVENC),
  /** ProRes: for editing. */
  MOV("QuickTime", "mov", List.of(".mov"), Loops.NONE, FastStart::edit, VideoEncoder.PRORES_KS),
  /** FFV1: lossless. */
  MKV("Matroska", "matroska", List.of(".mkv"), Loops.NONE, FileEdit::none, VideoEncoder.FFV1),
  /** 256 colors, chosen for the clip: shown where videos are not. */
  GIF("GIF", "gif", List.of(".gif"), Loops.REPETITIONS, GifXmp::edit, VideoEncoder.GIF),
  /** Animated WebP: like a GIF, in all colors and much smaller. */
  WEBP("WebP", "webp", List.of(".webp"), Loops.LOOP, WebPXmp::edit, VideoEncoder.LIBWEBP),
  /** Animated PNG: like a GIF, lossless. */
  APNG("APNG", "apng", List.of(".apng"), Loops.PLAYS, PngXmp::edit, VideoEncoder.APNG),
  /** A folder with a PNG file for each frame: lossless. */
  PNG_FILES("PNG files", "", List.of(), Loops.NONE, PngXmp::edit, VideoEncoder.PNG);

  /** How a file stores the number of times that it is played. */
  enum Loops {
    /** Not at all. */
    NONE,
    /** As the number of repetitions after the first time; -1 stands for none. */
    REPETITIONS,
    /** As the number of times, 0 for ever, in the option "loop". */
    LOOP,
    /** The same, in the option "plays". */
    PLAYS;

    /** Returns the muxer's option for a number of times, 0 for ever. */
    Map<String, String> option(int times) {
      return switch (this) {
        case NONE -> Map.of();
        case REPETITIONS ->
            Map.of("loop", String.valueOf(times == 1 ? -1 : Math.max(0, times - 1)));
        case LOOP -> Map.of("loop", String.valueOf(times));
        case PLAYS -> Map.of("plays", String.valueOf(times));
      };
    }
  }

  private final String label;
  private final String muxer;
  private final List<String> endings;
  private final Loops loops;
  private final FileEdit.Maker completion;
  private final List<VideoEncoder> encoders;

  VideoFormat(
      String label,
      String muxer,
      List<String> endings,
      Loops loops,
      FileEdit.Maker completion,
      VideoEncoder... encoders) {
    this.label = label;
    this.muxer = muxer;
    this.endings = endings;
    this.loops = loops;
    this.completion = completion;
    this.encoders = List.of(encoders);
  }

  /** The name for people. */
  String label() {
    return label;
  }

  /** FFmpeg's name of the container's writer. */
  String muxer() {
    return muxer;
  }

  /** Edits the file that FFmpeg wrote, for what its muxer cannot do. */
  FileEdit.Maker completion() {
    return completion;
  }

  Loops loops() {
    return loops;
  }

  /** The highest rate that players show; browsers slow down GIFs that are faster. */
  double maxFramesPerSecond() {
    return this == GIF ? 50 : FrameRate.MAX;
  }

  /** The range of frame rates, for messages. */
  String frameRates() {
    return FrameRate.MIN + " to " + (int) maxFramesPerSecond();
  }

  boolean isFolder() {
    return this == PNG_FILES;
  }

  /**
   * Returns the encoders that can be used in such files.
   *
   * @return the default first
   */
  public List<VideoEncoder> encoders() {
    return encoders;
  }

  /**
   * Returns how names of such files end.
   *
   * @return the usual one first, with its dot, in lower case; empty for folders
   */
  public List<String> endings() {
    return endings;
  }

  /**
   * Finds the format that a file's name stands for.
   *
   * @param file of which only the name is looked at, in any case
   * @return the format, or nothing if no format has such names
   */
  public static Optional<VideoFormat> forFile(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> format.endings.stream().anyMatch(name::endsWith))
        .findFirst();
  }

  /** All endings, for messages. */
  static String allEndings() {
    return Arrays.stream(values())
        .flatMap(format -> format.endings.stream())
        .collect(Collectors.joining(", "));
  }
}
