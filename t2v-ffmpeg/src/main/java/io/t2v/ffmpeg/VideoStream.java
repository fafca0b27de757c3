package io.t2v.ffmpeg;

import io.t2v.FrameSink;
import io.t2v.VideoInfo;
import java.io.IOException;
import java.util.Iterator;
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
 * <p>No frame is held longer than the encoder needs it, and files on the disk are written as they
 * come. (Formats with a palette, GIF, hold all frames until the last one; byte streams hold the
 * file.) A file appears with {@link #end}; closing before that leaves nothing behind.
 *
 * <p>Owns native memory until it is closed; for one thread at a time.
 */
public final class VideoStream implements FrameSink, AutoCloseable {
  private final VideoFormat format;
  private final WriterOptions options;
  private final Iterator<Target> targets;
  private @Nullable Part part;

  /** A place for one video. */
  interface Target {
    /** Returns what comes before the reason in a message. */
    String failure();

    Muxer open(Optional<FileRecord> about) throws FfmpegException, VideoWriteException;
  }

  /** A video that has begun. */
  private static final class Part implements AutoCloseable {
    final VideoInfo clip;
    final String failure;
    final Muxer muxer;
    final Encoding encoding;
    int frames;

    Part(VideoInfo clip, VideoFormat format, WriterOptions options, Target target)
        throws FfmpegException, VideoWriteException {
      this.clip = clip;
      failure = target.failure();
      muxer = target.open(options.recordsSettings ? FileRecord.of(clip) : Optional.empty());
      try {
        encoding = new Encoding(clip, format, options, muxer);
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
   * @param clip what is to come
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
    try {
      Ffmpeg.load();
      part = new Part(clip, format, options, target);
    } catch (FfmpegException e) {
      throw new VideoWriteException(target.failure() + ": " + e.getMessage(), e);
    }
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
    run(current, current.encoding::finish);
    close();
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
    boolean done = false;
    try {
      step.run();
      done = true;
    } catch (FfmpegException e) {
      throw new VideoWriteException(current.failure + ": " + e.getMessage(), e);
    } catch (VideoWriteException e) {
      throw e;
    } catch (IOException e) {
      throw new VideoWriteException(current.failure + ": " + AtomicFile.reason(e), e);
    } finally {
      if (!done) {
        close();
      }
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
