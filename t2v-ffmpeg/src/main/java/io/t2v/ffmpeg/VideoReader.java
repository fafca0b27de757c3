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
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avutil.AVFrame;

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
 * <p>Frames come back the right way up and in sRGB: colors are converted as the file labels them,
 * and high dynamic range, PQ or HLG, is tone-mapped. Sound is left out, transparency is too. A
 * frame is seen until the next one is shown, in files of constant and of variable rates, and from
 * the last one on by its own duration. Frames are scaled while they are decoded: nothing of the
 * full size is kept.
 *
 * <p>Damaged and hostile files end with a {@link VideoReadException}: playlists and other files
 * that name further files are not followed, pictures of more than 2<sup>26</sup> pixels are
 * refused, and a video with more bytes than {@link #withMemoryLimit} or the Java heap allow is not
 * held. Animated WebP files are not among those that these natives decode.
 *
 * <p>Immutable and safe for use by many threads; each call decodes on the calling thread, and all
 * native memory is free again when it returns or throws.
 */
public final class VideoReader {
  /** The most bytes of frames that a new reader holds: 1 GiB. */
  public static final long DEFAULT_MEMORY_LIMIT = 1L << 30;

  /** The frame rate of a folder of pictures, unless set. */
  public static final double DEFAULT_FRAMES_PER_SECOND = 8;

  private final ReadOptions options;

  private VideoReader(ReadOptions options) {
    this.options = options;
  }

  /**
   * Returns a reader that takes files as they are.
   *
   * @return the reader
   */
  public static VideoReader create() {
    return new VideoReader(new ReadOptions());
  }

  private VideoReader with(Consumer<ReadOptions> change) {
    ReadOptions copy = options.copy();
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
   * Returns a reader that shows pixels which are not square, such as those of DVDs and of some
   * television, in their shape: frames become wider or narrower by it, and {@link #withSize} fits
   * them in that shape. Without it pixels are taken for square.
   *
   * @return the reader
   */
  public VideoReader withSquarePixels() {
    return with(changed -> changed.squarePixels = true);
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
   * Returns a reader that refuses videos whose frames take more memory: width × height × 3 bytes
   * each, of the size and at the rate that they are read at. At the end, while the {@link Video} is
   * made, there are two copies of them. What does not fit on the Java heap is refused below the
   * limit, too.
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
    } catch (OutOfMemoryError e) {
      // In spite of the check: other threads take memory, too. The frames are free again by now.
      throw new VideoReadException(
          "cannot read "
              + file
              + ": memory ran out ("
              + e.getMessage()
              + "); start Java with a larger -Xmx, or read it smaller, at fewer frames per second,"
              + " or only a part of it",
          e);
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
    try (InputFile input = new InputFile(readable)) {
      double own = input.isPicture() ? options.pictureRate() : input.framesPerSecond();
      FrameCollector collector =
          input.isPicture()
              ? new FrameCollector(options, own, 0, FrameCollector.Announced.NOTHING)
              : new FrameCollector(options, own, input.tick(), input.announced());
      try (ShownFrames frames = new ShownFrames(input, own);
          PictureSource pictures = new PictureSource(input, options)) {
        while (!collector.isFull()) {
          Optional<ShownFrames.Shown> next = frames.next();
          if (next.isEmpty()) {
            frames.requireComplete();
            break;
          }
          ShownFrames.Shown shown = next.get();
          collector.take(shown.frame(), shown.begin(), shown.end(), pictures);
        }
      }
      return collector.video(provenance(readable, input), file);
    } catch (FfmpegException e) {
      throw PictureHeader.refusal(readable).orElse(e);
    }
  }

  private Video folder(Path folder) throws IOException, FfmpegException {
    double rate = options.pictureRate();
    FrameCollector collector =
        new FrameCollector(options, rate, 0, FrameCollector.Announced.NOTHING);
    List<Path> files = PictureFolder.list(folder);
    for (int i = 0; i < files.size() && !collector.isFull(); i++) {
      try (InputFile input = new InputFile(files.get(i));
          ShownFrames frames = new ShownFrames(input, rate);
          PictureSource pictures = new PictureSource(input, options)) {
        AVFrame frame =
            frames
                .next()
                .orElseThrow(() -> new FfmpegException("there is no picture in it"))
                .frame();
        collector.take(frame, i / rate, (i + 1) / rate, pictures);
      } catch (FfmpegException e) {
        FfmpegException refusal = PictureHeader.refusal(files.get(i)).orElse(e);
        throw new FfmpegException(files.get(i).getFileName() + ": " + refusal.getMessage(), e);
      }
    }
    return collector.video(
        VideoSettings.read(folder).map(VideoInfo::provenance).orElseGet(Provenance::unknown),
        folder);
  }

  private static Provenance provenance(Path readable, InputFile input) throws IOException {
    Optional<VideoInfo> found = VideoSettings.read(readable);
    Optional<String> comment = input.comment();
    if (found.isEmpty() && comment.isPresent()) {
      found = FileRecord.parse(comment.get());
    }
    return found.map(VideoInfo::provenance).orElseGet(Provenance::unknown);
  }
}
