package io.t2v.ffmpeg;

import static java.util.Objects.requireNonNull;

import io.t2v.Video;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes videos to files.
 *
 * <pre>{@code
 * VideoWriter.mp4().write(video, Path.of("panda.mp4"));
 * byte[] file = VideoWriter.mp4().withQuality(60).toBytes(video);
 * }</pre>
 *
 * <p>The files play in browsers, in the players of the systems and on phones: H.264 in MP4, High
 * profile, 4:2:0 with 8 bits, BT.709 with limited range and labelled so, the index in front, a key
 * frame every 2 seconds. A file lasts exactly as long as its frames: 16 frames at 8 frames per
 * second, 2.000 seconds.
 *
 * <p>H.264's halved colour planes need even sizes: an odd width or height is made even by repeating
 * the last column or row.
 *
 * <p>Immutable and safe for use by many threads; each call encodes on the calling thread, and all
 * native memory is free again when it returns or throws. FFmpeg's log level, which belongs to the
 * whole process, is not touched.
 */
public final class VideoWriter {
  /** The quality of a new writer: no difference to the frames can be seen. */
  public static final int DEFAULT_QUALITY = 90;

  private static final String RATES = ", expected " + FrameRate.MIN + " to " + (int) FrameRate.MAX;

  private final FileFormat format;
  private final int quality;
  private final @Nullable Double framesPerSecond;

  private VideoWriter(FileFormat format, int quality, @Nullable Double framesPerSecond) {
    this.format = format;
    this.quality = quality;
    this.framesPerSecond = framesPerSecond;
  }

  /**
   * Returns a writer of MP4 files with H.264, with {@link #DEFAULT_QUALITY} and each video's own
   * frame rate.
   *
   * @return the writer
   */
  public static VideoWriter mp4() {
    return new VideoWriter(new Mp4(), DEFAULT_QUALITY, null);
  }

  /**
   * Returns a writer with another quality.
   *
   * <p>The scale runs from 1, the smallest file, to 100, the finest picture. For H.264 it stands
   * for the quantiser, which is the same for all frames: {@code 51 - 0.39 × quality}, rounded: 51
   * at quality 1, 16 at 90, and 12 at 100, the finest that the encoder has. Some 20 points of
   * quality halve or double the size of the file.
   *
   * @param quality from 1 to 100, by default {@link #DEFAULT_QUALITY}
   * @return the writer
   * @throws IllegalArgumentException if the quality is out of range
   */
  public VideoWriter withQuality(int quality) {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException("quality is " + quality + ", expected 1 to 100");
    }
    return new VideoWriter(format, quality, framesPerSecond);
  }

  /**
   * Returns a writer that shows the frames at a rate of its own, without adding or dropping any.
   *
   * <p>The rates of television may be written rounded: 23.976, 29.97 and 59.94 mean 24000/1001,
   * 30000/1001 and 60000/1001.
   *
   * @param framesPerSecond from 0.01 to 1000, by default the video's own
   * @return the writer
   * @throws IllegalArgumentException if the rate is out of range
   */
  public VideoWriter withFramesPerSecond(double framesPerSecond) {
    if (!FrameRate.isValid(framesPerSecond)) {
      throw new IllegalArgumentException("framesPerSecond is " + framesPerSecond + RATES);
    }
    return new VideoWriter(format, quality, framesPerSecond);
  }

  /**
   * Writes a video to a file, which appears when it is complete: it is written under another name
   * in the same folder first. A file of that name is replaced.
   *
   * @param video the frames
   * @param file to write, in a folder that exists
   * @throws VideoWriteException if the file cannot be written there, the video is larger or smaller
   *     than the encoder takes, its frame rate is out of range, or FFmpeg's native libraries or the
   *     encoder are missing; nothing is left behind then
   */
  public void write(Video video, Path file) throws VideoWriteException {
    requireNonNull(video, "video");
    try (AtomicFile target = new AtomicFile(file)) {
      Files.write(target.temporary(), encode(video));
      target.commit();
    } catch (FfmpegException e) {
      throw new VideoWriteException("cannot write " + file + ": " + e.getMessage(), e);
    } catch (VideoWriteException e) {
      throw e;
    } catch (IOException e) {
      throw new VideoWriteException("cannot write " + file + ": " + AtomicFile.reason(e), e);
    }
  }

  /**
   * Returns the file as bytes, the same that {@link #write} writes, without using the disk.
   *
   * @param video the frames
   * @return the whole file
   * @throws VideoWriteException if the video is larger or smaller than the encoder takes, its frame
   *     rate is out of range, or FFmpeg's native libraries or the encoder are missing
   */
  public byte[] toBytes(Video video) throws VideoWriteException {
    requireNonNull(video, "video");
    try {
      return encode(video);
    } catch (FfmpegException e) {
      throw new VideoWriteException("cannot encode the video: " + e.getMessage(), e);
    }
  }

  /**
   * Encodes into memory, for files too: the bytes are few beside the frames, Java's file system
   * gives the better errors, and FFmpeg's own files end up the same.
   */
  private byte[] encode(Video video) throws FfmpegException {
    Ffmpeg.load();
    VideoCodec codec = format.codec();
    FrameRate rate = rate(video);
    int width = PixelConverter.even(video.width());
    int height = PixelConverter.even(video.height());
    try (MemoryOutput output = new MemoryOutput();
        Container container = new Container(format, output.stream());
        FrameEncoder encoder =
            new FrameEncoder(codec, width, height, rate, quality, container.wantsGlobalHeader());
        PixelConverter converter =
            new PixelConverter(video.width(), video.height(), codec.pixelFormat())) {
      FrameEncoder.PacketSink sink = packet -> container.write(packet, encoder.context());
      container.begin(encoder.context(), rate);
      for (int i = 0; i < video.frameCount(); i++) {
        encoder.encode(converter.convert(video.rgb(i)), sink);
      }
      encoder.finish(sink);
      container.finish();
      return format.complete(output.finish());
    }
  }

  private FrameRate rate(Video video) throws FfmpegException {
    double rate = framesPerSecond != null ? framesPerSecond : video.framesPerSecond();
    if (!FrameRate.isValid(rate)) {
      throw new FfmpegException(
          "its frame rate is " + rate + RATES + "; set another with withFramesPerSecond");
    }
    return FrameRate.of(rate);
  }

  @Override
  public String toString() {
    return "VideoWriter["
        + format.name()
        + ", quality "
        + quality
        + (framesPerSecond != null ? ", " + framesPerSecond + " frames per second" : "")
        + "]";
  }
}
