package io.t2v.cli;

import io.t2v.Video;
import io.t2v.ffmpeg.ContactSheet;
import io.t2v.ffmpeg.Fit;
import io.t2v.ffmpeg.FrameInterpolation;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code t2v convert}: any video or folder of pictures to a file of another kind. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = T2v.Version.class,
    description = "Reads a video, or a folder of pictures, and writes it as another file.",
    footer = {
      "",
      "For example:",
      "  t2v convert circle.mp4 circle.gif --scale 128x128 --scaling-filter nearest",
      "  t2v convert holiday.mov clip.mp4 --fit crop --size 256x256 --fps 8 --frames 16"
    })
final class ConvertCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FROM", description = "A video, or a folder of pictures.")
  @SuppressWarnings("NullAway.Init")
  private Path from;

  @Parameters(index = "1", paramLabel = "TO", description = "The file to write.")
  @SuppressWarnings("NullAway.Init")
  private Path to;

  @Option(names = "--force", description = "Replace a file that exists.")
  private boolean force;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = FrameSize.Converter.class,
      description = "Size of the frames. Default: their own.")
  private @Nullable FrameSize size;

  @Option(
      names = "--fit",
      paramLabel = "HOW",
      defaultValue = "CROP",
      description = "What --size does to other shapes: ${COMPLETION-CANDIDATES}. Default: crop.")
  private Fit fit = Fit.CROP;

  @Option(
      names = "--fps",
      paramLabel = "X",
      description = "Frame rate; frames are left out or repeated. Default: the file's own.")
  private @Nullable Double framesPerSecond;

  @Option(names = "--frames", paramLabel = "N", description = "Stop after so many frames.")
  private @Nullable Integer frames;

  @Option(
      names = "--from",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "Where to begin. Default: 0.")
  private double begin;

  @Option(
      names = "--to",
      paramLabel = "SECONDS",
      defaultValue = "Infinity",
      description = "Where to end. Default: the end.")
  private double end;

  @Option(
      names = "--contact-sheet",
      paramLabel = "FILE",
      description = "Also write all frames into one PNG picture.")
  private @Nullable Path contactSheet;

  @Option(
      names = "--interpolate",
      paramLabel = "X",
      description = {
        "Raise the frame rate to X by frames in which what moves has gone part of the way. After"
            + " --fps."
      })
  private @Nullable Double interpolate;

  @Mixin private final ReadLimitOption limit = new ReadLimitOption();

  @Mixin private final FileOptions file = new FileOptions();

  @Override
  public Integer call() throws IOException {
    VideoWriter writer = file.writer(file.format(to));
    VideoReader reader = limit.reader();
    reader =
        Usage.changed(
            spec, "--size", size, reader, (r, s) -> r.withSize(s.width(), s.height(), fit));
    reader =
        Usage.changed(spec, "--fps", framesPerSecond, reader, VideoReader::withFramesPerSecond);
    reader = Usage.changed(spec, "--frames", frames, reader, VideoReader::withFrames);
    reader = Usage.changed(spec, "--to", end, reader, (r, time) -> r.between(begin, time));
    DistinctFiles.require(contactSheet == null ? List.of(to) : List.of(to, contactSheet));
    OutputFiles.requireWritable(to, writer.format(), force);
    if (contactSheet != null) {
      OutputFiles.requireWritable(contactSheet, force);
    }
    Video video =
        Usage.changed(
            spec,
            "--interpolate",
            interpolate,
            reader.read(from),
            (read, rate) -> FrameInterpolation.to(rate).apply(read));
    Path written = OutputFiles.write(writer, video, to, force);
    OutputFiles.sayIfOther(spec, to, written);
    if (contactSheet != null) {
      Path sheet = force ? contactSheet : OutputFiles.free(contactSheet);
      ContactSheet.write(video, sheet);
      OutputFiles.sayIfOther(spec, contactSheet, sheet);
    }
    spec.commandLine().getOut().println(written);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
