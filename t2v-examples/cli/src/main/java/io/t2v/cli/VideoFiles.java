package io.t2v.cli;

import io.t2v.FrameSink;
import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.VideoInfo;
import io.t2v.ffmpeg.ContactSheet;
import io.t2v.ffmpeg.VideoStream;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes the videos of a request into their files while they are decoded. Frames are held only for
 * a contact sheet.
 */
final class VideoFiles implements FrameSink, AutoCloseable {
  /** Opens what a video is written into. */
  @FunctionalInterface
  interface Opener {
    VideoStream open(VideoWriter writer, VideoJob job);
  }

  /**
   * What there is of a video.
   *
   * @param frames how many
   * @param of how many there were to be
   */
  record Partial(Path file, int frames, int of) {}

  private final VideoWriter writer;
  private final Opener opener;
  private final List<VideoJob> jobs;
  private final OutputOptions output;
  private final List<VideoJob> written = new ArrayList<>();
  private int next;
  private Optional<Part> part = Optional.empty();

  /**
   * A video that has begun.
   *
   * @param replaced the folder of PNG files that was at its place
   * @param shown its frames, if they make a contact sheet
   */
  private record Part(
      VideoJob job,
      VideoInfo clip,
      VideoStream stream,
      ReplacedFolder replaced,
      List<byte[]> shown) {}

  /**
   * Makes none of them yet.
   *
   * @param output says what is replaced of what is there when they are complete
   */
  VideoFiles(VideoWriter writer, Opener opener, List<VideoJob> jobs, OutputOptions output) {
    this.output = output;
    this.writer = output.force() ? writer : writer.withoutReplacing();
    this.opener = opener;
    this.jobs = List.copyOf(jobs);
  }

  @Override
  public void begin(VideoInfo clip) throws IOException {
    VideoJob job = jobs.get(next++);
    ReplacedFolder replaced =
        output.force()
            ? ReplacedFolder.at(job.file(), writer.format())
            : new ReplacedFolder(job.file(), Optional.empty());
    Part begun = new Part(job, clip, opener.open(writer, job), replaced, new ArrayList<>());
    part = Optional.of(begun);
    begun.stream().begin(clip);
  }

  @Override
  public void frame(byte[] rgb) throws IOException {
    Part current = part.orElseThrow();
    current.stream().frame(rgb);
    if (current.job().sheet() != null) {
      current.shown().add(rgb);
    }
  }

  @Override
  public void end() throws IOException {
    Part current = part.orElseThrow();
    current.stream().end();
    current.replaced().delete();
    part = Optional.empty();
    @Nullable Path sheet = current.job().sheet();
    if (sheet != null) {
      sheet = output.replacesSheets() ? sheet : OutputFiles.free(sheet);
      ContactSheet.write(video(current), sheet);
    }
    written.add(current.job().at(file(current), sheet));
  }

  /** Where the video is; a file that appeared at its place keeps that. */
  private static Path file(Part complete) {
    List<Path> files = complete.stream().written();
    return files.isEmpty() ? complete.job().file() : files.get(0);
  }

  /** The videos that are complete, with the files in which they are. */
  List<VideoJob> written() {
    return List.copyOf(written);
  }

  private static Video video(Part part) {
    VideoInfo clip = part.clip();
    return Video.of(
        clip.width(), clip.height(), clip.framesPerSecond(), part.shown(), Provenance.unknown());
  }

  /** Completes the file of a video that was stopped while it was decoded, if there is one. */
  Optional<Partial> keepPartial() throws IOException {
    if (part.isEmpty()) {
      return Optional.empty();
    }
    Part current = part.orElseThrow();
    int frames = current.stream().endEarly();
    if (frames == 0) {
      return Optional.empty();
    }
    current.replaced().delete();
    part = Optional.empty();
    return Optional.of(new Partial(file(current), frames, current.clip().frames()));
  }

  /** Leaves nothing of a video that was not completed; what was at its place is there again. */
  @Override
  public void close() throws IOException {
    if (part.isPresent()) {
      part.orElseThrow().stream().close();
      part.orElseThrow().replaced().restore();
      part = Optional.empty();
    }
  }
}
