package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_move_ref;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a file with the times from which and to which each is seen.
 *
 * <p>A frame is seen until the next one is shown. So this decodes one frame ahead: what files say
 * of a frame's duration is often that of another frame, as frames are stored in the order of
 * decoding.
 *
 * <p>Owns two native frames; for one thread at a time.
 */
final class ShownFrames implements AutoCloseable {
  /** A frame of {@link ShownFrames}, valid until the next one, with its times in seconds. */
  record Shown(AVFrame frame, double begin, double end) {}

  private final InputFile input;
  private final FrameDecoder decoder;
  private final FrameTimes times;
  private final AVFrame current = av_frame_alloc();
  private final AVFrame ahead = av_frame_alloc();
  private final double pictureSeconds;

  private boolean hasBegun;
  private boolean isAhead;
  private double aheadBegin;
  private double lastEnd;
  private @Nullable FfmpegException failure;

  /**
   * Reads a file.
   *
   * @param input stays the caller's
   * @param framesPerSecond of the file, or at which a picture is shown
   */
  ShownFrames(InputFile input, double framesPerSecond) throws FfmpegException {
    this.input = input;
    this.pictureSeconds = 1 / framesPerSecond;
    this.times = new FrameTimes(input.tick(), pictureSeconds, input.mayRestart());
    try {
      decoder = new FrameDecoder(input);
    } catch (FfmpegException | RuntimeException | Error e) {
      free();
      throw e;
    }
  }

  /** Returns the next frame; nothing at the end. */
  Optional<Shown> next() throws FfmpegException, IOException {
    if (!hasBegun) {
      hasBegun = true;
      decodeAhead();
    }
    if (failure != null) {
      throw failure;
    }
    if (!isAhead) {
      return Optional.empty();
    }
    av_frame_unref(current);
    av_frame_move_ref(current, ahead);
    double begin = aheadBegin;
    decodeAheadOrFailLater();
    lastEnd = isAhead ? aheadBegin : end(begin);
    return Optional.of(new Shown(current, begin, lastEnd));
  }

  /** What is wrong with the next frame is no matter if this one is the last that is wanted. */
  private void decodeAheadOrFailLater() {
    try {
      decodeAhead();
    } catch (FfmpegException e) {
      isAhead = false;
      failure = e;
    }
  }

  private void decodeAhead() throws FfmpegException {
    isAhead = decoder.next(ahead);
    if (isAhead) {
      OptionalLong time = input.isPicture() ? OptionalLong.empty() : decoder.time(ahead);
      aheadBegin = times.next(time, ahead.duration());
    }
  }

  /** Where the last frame ends. */
  private double end(double begin) throws IOException {
    if (input.isPicture()) {
      return begin + pictureSeconds;
    }
    double end = times.lastEnd();
    if (decoder.lastTick().isPresent()) {
      double read = times.seconds(decoder.lastTick().getAsLong());
      end = read > begin ? read : end;
    }
    return failure == null ? completeness().end(begin, end) : end;
  }

  /**
   * Checks, after the last frame, that nothing is missing.
   *
   * @throws FfmpegException if the file announced more than it has
   */
  void requireComplete() throws FfmpegException, IOException {
    completeness().require(lastEnd);
  }

  private Completeness completeness() {
    return new Completeness(input, decoder.packets(), times.start());
  }

  @Override
  public void close() {
    decoder.close();
    free();
  }

  private void free() {
    av_frame_free(current);
    av_frame_free(ahead);
  }
}
