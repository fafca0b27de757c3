package io.t2v.ffmpeg;

import io.t2v.FrameSink;
import io.t2v.Video;
import io.t2v.VideoInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Files that take their frames one by one, such as those of a generation while they are decoded:
 *
 * <pre>{@code
 * try (VideoStream file = VideoWriter.mp4().open(Path.of("long.mp4"))) {
 *   pipeline.prepare(request).toFrames(file);
 * }
 * }</pre>
 *
 * <p>Frames are encoded and written to the disk as they arrive, so memory does not grow with the
 * length of the video. Exceptions are GIF, which holds all frames until the palette is chosen, and
 * byte streams, which hold the whole file. A file appears with {@link #end}; closing before that
 * leaves nothing behind. What there is of a video whose generation was stopped is kept on request:
 *
 * <pre>{@code
 * try (VideoStream file = VideoWriter.mp4().open(Path.of("long.mp4"))) {
 *   try {
 *     pipeline.prepare(request).cancelledBy(token).toFrames(file);
 *   } catch (GenerationCancelledException e) {
 *     file.endEarly();
 *   }
 * }
 * }</pre>
 *
 * <p>Owns native memory until it is closed; for one thread at a time.
 */
public final class VideoStream implements FrameSink, AutoCloseable {
  private final VideoFormat format;
  private final WriterOptions options;
  private final Iterator<Target> targets;
  private final List<Path> written = new ArrayList<>();
  private @Nullable Part part;

  /**
   * A place for one video.
   *
   * @param failure the start of messages, before the reason
   * @param muxer opens it
   */
  record Target(String failure, MuxerSource muxer) {}

  /** Opens a place for one video. */
  interface MuxerSource {
    /**
     * Opens it.
     *
     * @param about what the file says of its video
     */
    Muxer open(Optional<FileRecord> about) throws FfmpegException, IOException;
  }

  /** A video that has begun. */
  private static final class Part implements AutoCloseable {
    final VideoInfo clip;
    final String failure;
    final Muxer muxer;
    final EncodingPipeline encoding;
    int frames;

    Part(VideoInfo clip, VideoFormat format, WriterOptions options, Target target)
        throws FfmpegException, IOException {
      this.clip = clip;
      failure = target.failure();
      muxer = target.muxer().open(options.recordsSettings ? FileRecord.of(clip) : Optional.empty());
      try {
        encoding = new EncodingPipeline(clip, format, options, muxer);
      } catch (FfmpegException | RuntimeException | Error e) {
        muxer.close();
        throw e;
      }
    }

    @Override
    public void close() {
      encoding.close();
      muxer.close();
    }
  }

  VideoStream(VideoFormat format, WriterOptions options, Iterator<Target> targets) {
    this.format = format;
    this.options = options;
    this.targets = targets;
  }

  /**
   * Begins the next file.
   *
   * @param clip size, frame rate, number of frames and provenance of the video
   * @throws VideoWriteException if it cannot be written there, the video is larger or smaller than
   *     the encoder takes, its frame rate is out of range, or FFmpeg's native libraries or the
   *     encoder are missing
   * @throws IllegalStateException if the last video was not ended
   */
  @Override
  public void begin(VideoInfo clip) throws VideoWriteException {
    if (part != null) {
      throw new IllegalStateException("the last video was not ended");
    }
    if (!targets.hasNext()) {
      throw new VideoWriteException("there are more videos than files were named for");
    }
    Target target = targets.next();
    part =
        WriteStep.run(
            target.failure(),
            () -> {
              Ffmpeg.load();
              return new Part(clip, format, options, target);
            });
  }

  /** Writes a whole video. */
  void write(Video video) throws VideoWriteException {
    begin(VideoInfo.of(video));
    Part current = current();
    for (int i = 0; i < video.frameCount(); i++) {
      int index = i;
      run(current, () -> current.encoding.frame(video.rgb(index)));
      current.frames++;
    }
    end();
  }

  /**
   * Encodes the next frame.
   *
   * @param rgb {@code height × width × 3} bytes
   * @throws VideoWriteException if it cannot be encoded or written; nothing is left behind then
   * @throws IllegalArgumentException if the frame has another length
   * @throws IllegalStateException if no video was begun
   */
  @Override
  public void frame(byte[] rgb) throws VideoWriteException {
    Part current = current();
    long expected = 3L * current.clip.width() * current.clip.height();
    if (rgb.length != expected) {
      throw new IllegalArgumentException(
          "a frame has " + rgb.length + " bytes, expected " + expected);
    }
    run(current, () -> current.encoding.frame(rgb));
    current.frames++;
  }

  /**
   * Completes the file, which appears under its name, in place of one that was there.
   *
   * @throws VideoWriteException if it cannot be written; nothing is left behind then
   * @throws IllegalStateException if no video was begun, or it has more or fewer frames than were
   *     announced
   */
  @Override
  public void end() throws VideoWriteException {
    Part current = current();
    if (current.frames != current.clip.frames()) {
      close();
      throw new IllegalStateException(
          current.frames + " frames came, but " + current.clip.frames() + " were announced");
    }
    run(current, () -> current.encoding.finish().ifPresent(written::add));
    close();
  }

  /**
   * Completes the file with the frames that came so far, if any did: it appears under its name and
   * plays. Its settings are those of the whole video, and name that one's number of frames.
   *
   * @return how many frames the file has; 0 if no video was begun or no frame came, and nothing is
   *     left behind
   * @throws VideoWriteException if it cannot be written; nothing is left behind then
   */
  public int endEarly() throws VideoWriteException {
    Part current = part;
    if (current == null || current.frames == 0) {
      close();
      return 0;
    }
    run(current, () -> current.encoding.finish().ifPresent(written::add));
    close();
    return current.frames;
  }

  /**
   * Returns the paths of the files that are complete, in their order: those that were asked for,
   * unless the writer is one {@linkplain VideoWriter#withoutReplacing that replaces nothing}.
   *
   * @return one a completed file; none for streams of bytes
   */
  public List<Path> written() {
    return List.copyOf(written);
  }

  private Part current() {
    Part current = part;
    if (current == null) {
      throw new IllegalStateException("no video was begun");
    }
    return current;
  }

  private interface Step {
    void run() throws FfmpegException, IOException;
  }

  private void run(Part current, Step step) throws VideoWriteException {
    try {
      WriteStep.run(
          current.failure,
          () -> {
            step.run();
            return current;
          });
    } catch (VideoWriteException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Frees everything. A video that was not ended leaves nothing behind. */
  @Override
  public void close() {
    if (part != null) {
      part.close();
      part = null;
    }
  }
}
