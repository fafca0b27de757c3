package io.t2v.ffmpeg;

import static java.util.Objects.requireNonNull;

import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.VideoInfo;
import io.t2v.internal.io.FileErrors;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * Reads videos from files: whatever FFmpeg's natives decode, told by its content and not by its
 * name, or a folder of pictures in the order of their names, where 9 comes before 10.
 *
 * <pre>{@code
 * Video video = VideoReader.create()
 *     .withSize(256, 256, Fit.CROP)
 *     .withFramesPerSecond(8)
 *     .withFrames(16)
 *     .read(Path.of("holiday.mov"));
 * }</pre>
 *
 * <p>Colours come back as the file labels them, the right way up. Sound is left out, transparency
 * is too. Damaged and hostile files end with a {@link VideoReadException}: playlists and other
 * files that name further files are not followed, pictures of more than 2<sup>26</sup> pixels are
 * refused, and a video with more bytes than {@link #withMemoryLimit} is not held. Animated WebP
 * files are not among those that these natives decode.
 *
 * <p>Immutable and safe for use by many threads; each call decodes on the calling thread, and all
 * native memory is free again when it returns or throws. FFmpeg says on the standard error stream
 * what it thinks of broken files; its log level belongs to the whole process and is not touched.
 */
public final class VideoReader {
  /** The most bytes of frames that a new reader holds: 1 GiB. */
  public static final long DEFAULT_MEMORY_LIMIT = 1L << 30;

  /** The frame rate of a folder of pictures, unless set. */
  public static final double DEFAULT_FRAMES_PER_SECOND = 8;

  private static final double SAME_TIME = 1e-6;
  private static final double NOTABLE = 0.02;

  private final Options options;

  /** What a reader was told. Changed only while a copy is made. */
  private static final class Options {
    @Nullable PictureSize size; // none: each file's own
    Fit fit = Fit.STRETCH;
    ScalingFilter filter = ScalingFilter.LANCZOS;
    @Nullable Double framesPerSecond; // none: each file's own
    int frames = Integer.MAX_VALUE;
    double from;
    double to = Double.POSITIVE_INFINITY;
    long memoryLimit = DEFAULT_MEMORY_LIMIT;
  }

  private VideoReader(Options options) {
    this.options = options;
  }

  /**
   * Returns a reader that takes files as they are.
   *
   * @return the reader
   */
  public static VideoReader create() {
    return new VideoReader(new Options());
  }

  private VideoReader with(Consumer<Options> change) {
    Options copy = new Options();
    copy.size = options.size;
    copy.fit = options.fit;
    copy.filter = options.filter;
    copy.framesPerSecond = options.framesPerSecond;
    copy.frames = options.frames;
    copy.from = options.from;
    copy.to = options.to;
    copy.memoryLimit = options.memoryLimit;
    change.accept(copy);
    return new VideoReader(copy);
  }

  /**
   * Returns a reader that brings frames to a size. Default: their own.
   *
   * @param width in pixels, 1 to 32,767
   * @param height in pixels, 1 to 32,767
   * @param fit what is done with frames of another shape
   * @return the reader
   * @throws IllegalArgumentException if the size is out of range
   */
  public VideoReader withSize(int width, int height, Fit fit) {
    for (int side : new int[] {width, height}) {
      if (side < 1 || side > Short.MAX_VALUE) {
        throw new IllegalArgumentException(
            "size is " + width + "×" + height + ", expected sides from 1 to " + Short.MAX_VALUE);
      }
    }
    return with(
        changed -> {
          changed.size = new PictureSize(width, height);
          changed.fit = requireNonNull(fit);
        });
  }

  /**
   * Returns a reader that scales in another way.
   *
   * @param filter by default {@link ScalingFilter#LANCZOS}
   * @return the reader
   */
  public VideoReader withScalingFilter(ScalingFilter filter) {
    return with(changed -> changed.filter = requireNonNull(filter));
  }

  /**
   * Returns a reader that changes the frame rate and keeps the speed: at each of the new times the
   * frame is taken that is seen then, so frames are left out or repeated. Default: the file's own.
   *
   * <p>A folder of pictures has no speed: they are taken at this rate, by default {@link
   * #DEFAULT_FRAMES_PER_SECOND}.
   *
   * @param framesPerSecond from 0.01 to 1000
   * @return the reader
   * @throws IllegalArgumentException if the rate is out of range
   */
  public VideoReader withFramesPerSecond(double framesPerSecond) {
    if (!FrameRate.isValid(framesPerSecond)) {
      throw new IllegalArgumentException(
          "framesPerSecond is "
              + framesPerSecond
              + ", expected "
              + FrameRate.MIN
              + " to "
              + (int) FrameRate.MAX);
    }
    return with(changed -> changed.framesPerSecond = framesPerSecond);
  }

  /**
   * Returns a reader that stops after so many frames, counted after all else.
   *
   * @param frames at least 1; by default all
   * @return the reader
   * @throws IllegalArgumentException if there is less than 1
   */
  public VideoReader withFrames(int frames) {
    if (frames < 1) {
      throw new IllegalArgumentException("frames is " + frames + ", expected at least 1");
    }
    return with(changed -> changed.frames = frames);
  }

  /**
   * Returns a reader of a part of the time. What comes before is decoded as well, which takes its
   * time, but is not kept.
   *
   * @param from seconds from the start, at least 0
   * @param to seconds from the start, above {@code from}; infinite for the end
   * @return the reader
   * @throws IllegalArgumentException if the times are out of range
   */
  public VideoReader between(double from, double to) {
    if (!(from >= 0 && from < to)) {
      throw new IllegalArgumentException(
          "times are " + from + " to " + to + " seconds, expected 0 ≤ from < to");
    }
    return with(
        changed -> {
          changed.from = from;
          changed.to = to;
        });
  }

  /**
   * Returns a reader that refuses videos whose frames take more memory.
   *
   * @param bytes at least 1; by default {@link #DEFAULT_MEMORY_LIMIT}
   * @return the reader
   * @throws IllegalArgumentException if there is less than 1
   */
  public VideoReader withMemoryLimit(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("memoryLimit is " + bytes + ", expected at least 1");
    }
    return with(changed -> changed.memoryLimit = bytes);
  }

  /**
   * Reads a video.
   *
   * @param file a video, a picture, or a folder of pictures
   * @return the frames, with the settings that the file records as their provenance
   * @throws VideoReadException if there is no such file, it is not a video, damaged, cut off, has
   *     no frames in the chosen time, is larger than the limits, or FFmpeg's native libraries are
   *     missing
   */
  public Video read(Path file) throws VideoReadException {
    try {
      Ffmpeg.load();
      return Files.isDirectory(file) ? folder(file) : local(file);
    } catch (FfmpegException e) {
      throw new VideoReadException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (VideoReadException e) {
      throw e;
    } catch (IOException e) {
      throw new VideoReadException("cannot read " + file + ": " + FileErrors.reason(e), e);
    }
  }

  /** FFmpeg knows the default file system alone. */
  private Video local(Path file) throws IOException, FfmpegException {
    if (!Files.isRegularFile(file)) {
      throw new VideoReadException(
          "cannot read "
              + file
              + (Files.exists(file) ? ": it is no file" : ": there is no such file"));
    }
    if (Files.size(file) == 0) {
      throw new VideoReadException("cannot read " + file + ": it is empty");
    }
    if (file.getFileSystem() == FileSystems.getDefault()) {
      return video(file, file);
    }
    Path copy = Files.createTempFile("t2v-", ".tmp");
    try {
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      return video(copy, file);
    } finally {
      Files.delete(copy);
    }
  }

  private Video video(Path readable, Path file) throws IOException, FfmpegException {
    try (FrameDecoder decoder = new FrameDecoder(readable)) {
      double own = decoder.framesPerSecond();
      Frames frames = new Frames(own);
      long number = 0;
      double end = 0;
      Optional<AVFrame> next = decoder.next();
      while (next.isPresent() && !frames.isFull()) {
        AVFrame frame = next.get();
        double begin = decoder.seconds(frame, number++);
        end = Math.max(end, begin + decoder.duration(frame));
        frames.take(frame, begin, begin + decoder.duration(frame));
        next = decoder.next();
      }
      if (next.isEmpty()) {
        decoder.requireComplete(end);
      }
      return frames.video(provenance(readable, decoder), file);
    }
  }

  private Video folder(Path folder) throws IOException, FfmpegException {
    double rate =
        options.framesPerSecond == null ? DEFAULT_FRAMES_PER_SECOND : options.framesPerSecond;
    Frames frames = new Frames(rate);
    List<Path> files = PictureFolder.list(folder);
    for (int i = 0; i < files.size() && !frames.isFull(); i++) {
      try (FrameDecoder decoder = new FrameDecoder(files.get(i))) {
        AVFrame frame =
            decoder.next().orElseThrow(() -> new FfmpegException("there is no picture in it"));
        frames.take(frame, i / rate, (i + 1) / rate);
      } catch (FfmpegException e) {
        throw new FfmpegException(files.get(i).getFileName() + ": " + e.getMessage(), e);
      }
    }
    return frames.video(
        VideoSettings.read(folder).map(VideoInfo::provenance).orElseGet(Provenance::unknown), folder);
  }

  private static Provenance provenance(Path readable, FrameDecoder decoder) throws IOException {
    Optional<VideoInfo> found = VideoSettings.read(readable);
    Optional<String> comment = decoder.comment();
    if (found.isEmpty() && comment.isPresent()) {
      found = FileRecord.parse(comment.get());
    }
    return found.map(VideoInfo::provenance).orElseGet(Provenance::unknown);
  }

  /** The frames that are kept, at the rate that was asked for. */
  private final class Frames {
    private final double rate;
    private final boolean resamples;
    private final List<byte[]> kept = new ArrayList<>();
    private @Nullable PictureSize size;
    private double seenFrom = Double.POSITIVE_INFINITY;
    private double seenTo;

    Frames(double own) {
      resamples = options.framesPerSecond != null && options.framesPerSecond != own;
      rate = options.framesPerSecond == null ? own : options.framesPerSecond;
    }

    boolean isFull() {
      return kept.size() >= options.frames;
    }

    /** Keeps a frame as often as it is seen from one time to another. */
    void take(AVFrame frame, double begin, double end) throws FfmpegException {
      if (end <= options.from + SAME_TIME || begin >= options.to - SAME_TIME || isFull()) {
        return;
      }
      if (!resamples) {
        if (begin >= options.from - SAME_TIME) {
          seenFrom = Math.min(seenFrom, begin);
          seenTo = Math.max(seenTo, end);
          keep(picture(frame), 1);
        }
        return;
      }
      double last = Math.min(end, options.to);
      int count = 0;
      while (options.from + (kept.size() + count) / rate < last - SAME_TIME
          && kept.size() + count < options.frames) {
        count++;
        requireRoom(frame, kept.size() + count);
      }
      if (count > 0) {
        keep(picture(frame), count);
      }
    }

    private Picture picture(AVFrame frame) throws FfmpegException {
      requireRoom(frame, kept.size() + 1);
      int turns = PixelReader.quarterTurns(frame);
      PictureSize lying = new PictureSize(frame.width(), frame.height());
      PictureSize standing = turns % 2 == 0 ? lying : lying.turned();
      if (options.size == null) {
        return PixelReader.read(frame, lying, options.filter).turned(turns);
      }
      PictureSize scaled = options.fit.scaled(standing, options.size);
      if ((long) scaled.width() * scaled.height() > FrameDecoder.MAX_PIXELS) {
        throw new FfmpegException(
            "a frame of "
                + standing
                + " cannot be cropped to "
                + options.size
                + ": too long a shape");
      }
      return PixelReader.read(frame, turns % 2 == 0 ? scaled : scaled.turned(), options.filter)
          .turned(turns)
          .centredOn(options.size);
    }

    private void requireRoom(AVFrame frame, int frames) throws FfmpegException {
      PictureSize each =
          options.size == null ? new PictureSize(frame.width(), frame.height()) : options.size;
      long bytes = 3L * each.width() * each.height() * frames;
      if (bytes > options.memoryLimit) {
        throw new FfmpegException(
            "it has more than "
                + (frames - 1)
                + " frames of "
                + each
                + ", which take more than "
                + options.memoryLimit
                + " bytes; take fewer with withFrames or between, smaller ones with withSize, or"
                + " allow more with withMemoryLimit");
      }
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
      return !resamples && differs && FrameRate.isValid(measured) ? measured : rate;
    }

    Video video(Provenance provenance, Path file) throws VideoReadException {
      PictureSize found = size;
      if (found == null) {
        throw new VideoReadException(
            "cannot read "
                + file
                + ": there are no frames "
                + (options.from > 0 || Double.isFinite(options.to)
                    ? "from " + options.from + " to " + options.to + " seconds"
                    : "in it"));
      }
      return Video.of(found.width(), found.height(), shownRate(), kept, provenance);
    }
  }
}
