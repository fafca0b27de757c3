package io.t2v.ffmpeg;

import io.t2v.Provenance;
import io.t2v.Video;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/** Keeps the frames that were asked for, at the rate that was asked for. */
final class FrameCollector {
  /**
   * What a file says of its length.
   *
   * @param frames how many there are, 0 if it does not say
   * @param seconds how long they are shown
   */
  record Announced(long frames, OptionalDouble seconds) {
    static final Announced NOTHING = new Announced(0, OptionalDouble.empty());
  }

  private static final double SAME_TIME = 1e-6;
  private static final double NOTABLE = 0.02;

  /** One part in so many of the heap is left for what the collector wastes on large arrays. */
  private static final int MARGIN = 16;

  private final ReadOptions options;
  private final double own;
  private final double rate;
  private final double rounding;
  private final Announced announced;
  private final List<byte[]> kept = new ArrayList<>();
  private @Nullable PictureSize size;
  private double seenFrom = Double.POSITIVE_INFINITY;
  private double seenTo;

  /**
   * Starts with nothing.
   *
   * @param own rate of the file
   * @param tick seconds to whole numbers of which the file rounds its times; 0 for none
   * @param announced what the file says of its length
   */
  FrameCollector(ReadOptions options, double own, double tick, Announced announced) {
    this.options = options;
    this.own = own;
    this.rate = options.framesPerSecond == null ? own : options.framesPerSecond;
    this.rounding = SAME_TIME + rounding(own, tick);
    this.announced = announced;
  }

  /** How far a time may be from the one that was meant: nothing where a tick is a whole frame. */
  private double rounding(double own, double tick) {
    boolean isFrame = tick * own > 0.6;
    return isFrame ? 0 : Math.min(tick / 2, 0.25 / Math.max(own, rate));
  }

  boolean isFull() {
    return kept.size() >= options.frames;
  }

  /** Keeps a frame as often as it is seen from one time to another. */
  void take(AVFrame frame, double begin, double end, PictureSource source)
      throws FfmpegException, IOException {
    if (end <= options.from + rounding || begin >= options.to - rounding || isFull()) {
      return;
    }
    if (options.framesPerSecond != null) {
      keepSamples(frame, Math.min(end, options.to), source);
    } else if (begin >= options.from - rounding) {
      seenFrom = Math.min(seenFrom, begin);
      seenTo = Math.max(seenTo, end);
      requireMemory(frame, kept.size() + 1, source);
      keep(source.read(frame), 1);
    }
  }

  private void keepSamples(AVFrame frame, double end, PictureSource source)
      throws FfmpegException, IOException {
    int count = 0;
    while (options.from + (kept.size() + count) / rate < end - rounding
        && kept.size() + count < options.frames) {
      count++;
      requireMemory(frame, kept.size() + count, source);
    }
    if (count > 0) {
      keep(source.read(frame), count);
    }
  }

  /** Checks the limit and the Java heap, before anything is made of a frame. */
  private void requireMemory(AVFrame frame, int frames, PictureSource source)
      throws FfmpegException, IOException {
    PictureSize each = source.size(frame);
    long bytes = each.bytes();
    long most = Math.max(frames, kept.isEmpty() ? announcedFrames() : 0);
    String count = most > frames ? "its " + most : most + " or more";
    if (bytes * most > options.memoryLimit) {
      throw new FfmpegException(
          ("%s frames of %s take %s, and the memory limit is %s; read it smaller, at fewer frames"
                  + " per second, or only a part of it, or raise the limit")
              .formatted(count, each, Text.bytes(bytes * most), Text.bytes(options.memoryLimit)));
    }
    // A repeated frame is kept once, but copied each time while the video is made.
    double repetitions = Math.max(1, rate / own);
    long further = most > frames ? (long) Math.ceil(most / repetitions) - 1 : 0;
    long heap = most * bytes + further * bytes + source.heapBytes(frame);
    HeapRoom.require(
        heap + heap / MARGIN,
        "reading %s frames of %s".formatted(count, each),
        message ->
            new FfmpegException(
                message
                    + ", or read it smaller, at fewer frames per second, or only a part of it"));
  }

  /** How many frames there will be, as far as the file says: better known before all are read. */
  private long announcedFrames() {
    boolean isWhole = options.from == 0 && Double.isInfinite(options.to);
    long all = isWhole ? announced.frames() : 0;
    if (options.framesPerSecond != null && announced.seconds().isPresent()) {
      double part = Math.min(options.to, announced.seconds().getAsDouble()) - options.from;
      all = (long) Math.floor(part * rate);
    } else if (options.framesPerSecond != null) {
      all = 0;
    }
    return Math.min(options.frames, all);
  }

  private void keep(Picture picture, int times) throws FfmpegException {
    if (size != null && !size.equals(picture.size())) {
      throw new FfmpegException(
          "frame "
              + kept.size()
              + " is "
              + picture.size()
              + ", those before it are "
              + size
              + "; bring all to a size with withSize");
    }
    size = picture.size();
    for (int i = 0; i < times; i++) {
      kept.add(picture.rgb());
    }
  }

  /** What the file says, unless its times say something else: a GIF's own rate is a guess. */
  private double shownRate() {
    double measured = kept.size() / (seenTo - seenFrom);
    boolean differs = Math.abs(measured / rate - 1) > NOTABLE;
    boolean isMeasured = options.framesPerSecond == null && FrameRate.isValid(measured);
    return isMeasured && differs ? measured : rate;
  }

  /**
   * Makes a video of what was kept.
   *
   * @param file for the message
   * @throws VideoReadException if nothing was
   */
  Video video(Provenance provenance, Path file) throws VideoReadException {
    PictureSize found = size;
    if (found == null) {
      throw new VideoReadException(
          "cannot read "
              + file
              + ": there are no frames "
              + (options.from > 0 || Double.isFinite(options.to)
                  ? "from "
                      + Text.seconds(options.from)
                      + " to "
                      + Text.seconds(options.to)
                      + (Double.isFinite(options.to) ? " seconds" : "")
                  : "in it"));
    }
    return Video.of(found.width(), found.height(), shownRate(), kept, provenance);
  }
}
