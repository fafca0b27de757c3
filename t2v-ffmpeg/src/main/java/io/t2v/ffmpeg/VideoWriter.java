package io.t2v.ffmpeg;

import static java.util.Objects.requireNonNull;

import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.VideoInfo;
import io.t2v.internal.io.AtomicFile;
import io.t2v.internal.io.AtomicFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Writes videos to files.
 *
 * <pre>{@code
 * VideoWriter.mp4().write(video, Path.of("panda.mp4"));
 * VideoWriter.forFile(file).withQuality(60).write(video, file);
 * byte[] gif = VideoWriter.gif().withSize(128, 128).toBytes(video);
 * }</pre>
 *
 * <p>{@link #mp4()} and {@link #webm()} play in browsers, in the players of the systems and on
 * phones: 4:2:0 with 8 bits, BT.709 with limited range and labelled so, even sizes, a key frame
 * every 2 seconds; in MP4 the index comes first. A file lasts exactly as long as its frames: 16
 * frames at 8 frames per second, 2.000 seconds. An odd width or height is made even by repeating
 * the last column or row, where the format's halved color planes ask for it.
 *
 * <p>Files say how their videos were made, unless that is unknown or {@link #withoutSettings() not
 * wanted}: prompt, seed, all settings and versions, and IPTC's mark for what a trained model made.
 * {@link VideoSettings} reads this back.
 *
 * <p>{@link #requireAvailable}, {@link #requireWritable} and {@link #check} find what would make a
 * file fail before a video is generated for it.
 *
 * <p>Immutable and safe for use by many threads; each call encodes on the calling thread, and all
 * native memory is free again when it returns or throws. All failures are {@link
 * VideoWriteException}s. FFmpeg's log is off, unless the application sets a level of its own.
 */
public final class VideoWriter {
  /** The quality of a new writer: no difference to the frames can be seen. */
  public static final int DEFAULT_QUALITY = 90;

  private static final double LONGEST_STILL = 3600;
  private static final String CANNOT_ENCODE = "cannot encode the video";

  private final VideoFormat format;
  private final WriterOptions options;

  private VideoWriter(VideoFormat format, WriterOptions options) {
    this.format = format;
    this.options = options;
  }

  /**
   * Returns a writer of a format, with its first encoder, {@link #DEFAULT_QUALITY} and each video's
   * own size and frame rate.
   *
   * @param format of the files
   * @return the writer
   */
  public static VideoWriter of(VideoFormat format) {
    return new VideoWriter(requireNonNull(format), new WriterOptions());
  }

  /**
   * Returns a writer of the format that a file's name stands for.
   *
   * @param file such as {@code panda.webm}
   * @return the writer
   * @throws IllegalArgumentException if no format has such names; the message lists those that have
   */
  public static VideoWriter forFile(Path file) {
    return of(
        VideoFormat.forFile(file)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "no file format is known by the name of "
                            + file
                            + ", expected one that ends with "
                            + VideoFormat.allEndings())));
  }

  /**
   * Returns a writer of MP4 files with H.264, which play everywhere.
   *
   * @return the writer
   */
  public static VideoWriter mp4() {
    return of(VideoFormat.MP4);
  }

  /**
   * Returns a writer of WebM files with VP9, for browsers.
   *
   * @return the writer
   */
  public static VideoWriter webm() {
    return of(VideoFormat.WEBM);
  }

  /**
   * Returns a writer of QuickTime files with ProRes, for editing.
   *
   * @return the writer
   */
  public static VideoWriter mov() {
    return of(VideoFormat.MOV);
  }

  /**
   * Returns a writer of Matroska files with FFV1, which are lossless.
   *
   * @return the writer
   */
  public static VideoWriter mkv() {
    return of(VideoFormat.MKV);
  }

  /**
   * Returns a writer of GIF files.
   *
   * @return the writer
   */
  public static VideoWriter gif() {
    return of(VideoFormat.GIF);
  }

  /**
   * Returns a writer of animated WebP files.
   *
   * @return the writer
   */
  public static VideoWriter webp() {
    return of(VideoFormat.WEBP);
  }

  /**
   * Returns a writer of animated PNG files, which are lossless.
   *
   * @return the writer
   */
  public static VideoWriter apng() {
    return of(VideoFormat.APNG);
  }

  /**
   * Returns a writer of folders with a PNG file for each frame, {@code frame-0001.png} and so on.
   *
   * @return the writer
   */
  public static VideoWriter pngFiles() {
    return of(VideoFormat.PNG_FILES);
  }

  private VideoWriter with(Consumer<WriterOptions> change) {
    return new VideoWriter(format, options.with(change));
  }

  private void require(boolean possible, String option) {
    if (!possible) {
      throw new IllegalArgumentException(format.label() + " has no " + option);
    }
  }

  private boolean anyCodec(Predicate<VideoCodec> ability) {
    return format.encoders().stream().map(VideoEncoder::codec).anyMatch(ability);
  }

  /**
   * Returns a writer with another encoder.
   *
   * @param encoder one of {@link VideoFormat#encoders()}
   * @return the writer
   * @throws IllegalArgumentException if the format does not go with this encoder
   */
  public VideoWriter withEncoder(VideoEncoder encoder) {
    if (!format.encoders().contains(encoder)) {
      throw new IllegalArgumentException(
          format.label()
              + " is not written with the encoder "
              + encoder.encoderName()
              + ", expected one of "
              + format.encoders().stream().map(VideoEncoder::encoderName).toList());
    }
    return with(
        changed -> {
          changed.encoder = encoder;
          changed.prefersHardware = false;
        });
  }

  /**
   * Returns a writer that uses the first of the format's hardware encoders that this machine opens,
   * and the format's own in software where there is none.
   *
   * @return the writer
   */
  public VideoWriter withHardware() {
    require(format.encoders().stream().anyMatch(VideoEncoder::isHardware), "hardware encoder");
    return with(
        changed -> {
          changed.encoder = null;
          changed.prefersHardware = true;
        });
  }

  /**
   * Returns a writer with another quality, in place of a bit rate.
   *
   * <p>The scale runs from 1, the smallest file, to 100, the finest picture. It stands for the
   * encoder's own scale, linearly and rounded:
   *
   * <ul>
   *   <li>H.264 by OpenH264: the quantiser, {@code 51 - 0.39 × quality}, the same for all frames
   *   <li>VP9: the constant quality, {@code 63 - 0.61 × quality}
   *   <li>AV1 by SVT-AV1: the constant rate factor, {@code 63 - 0.62 × quality}
   *   <li>ProRes: its grades proxy (below 25), LT (below 50), standard (below 75), HQ
   *   <li>WebP: its own quality; 100 is lossless
   * </ul>
   *
   * <p>Some 20 points of quality halve or double the size of the file.
   *
   * @param quality from 1 to 100, by default {@link #DEFAULT_QUALITY}
   * @return the writer
   * @throws IllegalArgumentException if the quality is out of range, or the format is lossless
   */
  public VideoWriter withQuality(int quality) {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException("quality is " + quality + ", expected 1 to 100");
    }
    require(anyCodec(VideoCodec::hasQuality), "scale of quality");
    return with(
        changed -> {
          changed.quality = quality;
          changed.bitRate = 0;
        });
  }

  /**
   * Returns a writer that holds files to a bit rate on average, in place of a quality.
   *
   * @param bitsPerSecond from 1,000 to 1,000,000,000
   * @return the writer
   * @throws IllegalArgumentException if the rate is out of range, or the format has none
   */
  public VideoWriter withBitRate(long bitsPerSecond) {
    if (bitsPerSecond < 1_000 || bitsPerSecond > 1_000_000_000) {
      throw new IllegalArgumentException(
          "bitRate is " + bitsPerSecond + ", expected 1000 to 1000000000 bits per second");
    }
    require(anyCodec(VideoCodec::hasBitRate), "bit rate");
    return with(
        changed -> {
          changed.bitRate = bitsPerSecond;
          changed.quality = null;
        });
  }

  /**
   * Returns a writer that shows the frames at a rate of its own, without adding or dropping any.
   *
   * <p>The rates of television may be written rounded: 23.976, 29.97 and 59.94 mean 24000/1001,
   * 30000/1001 and 60000/1001.
   *
   * @param framesPerSecond from 0.01 to 1000, for GIF to 50; by default the video's own
   * @return the writer
   * @throws IllegalArgumentException if the rate is out of range
   */
  public VideoWriter withFramesPerSecond(double framesPerSecond) {
    if (!FrameRate.isValid(framesPerSecond) || framesPerSecond > format.maxFramesPerSecond()) {
      throw new IllegalArgumentException(
          "framesPerSecond is " + framesPerSecond + ", expected " + format.frameRates());
    }
    return with(changed -> changed.framesPerSecond = framesPerSecond);
  }

  /**
   * Returns a writer with another distance of key frames, to which players can jump.
   *
   * @param seconds from 0, every frame, to 3600; by default 2. Rounded to whole frames
   * @return the writer
   * @throws IllegalArgumentException if the time is out of range, or the format's frames are all
   *     key frames
   */
  public VideoWriter withKeyFrameInterval(double seconds) {
    if (!(seconds >= 0 && seconds <= 3600)) {
      throw new IllegalArgumentException(
          "keyFrameInterval is " + seconds + ", expected 0 to 3600 seconds");
    }
    require(anyCodec(VideoCodec::hasKeyFrames), "key frames among others");
    return with(changed -> changed.keyFrameSeconds = seconds);
  }

  /**
   * Returns a writer that scales the frames.
   *
   * @param width in pixels, 1 to 32,767, made even where the format needs it
   * @param height in pixels, likewise
   * @return the writer
   * @throws IllegalArgumentException if the size is out of range
   */
  public VideoWriter withSize(int width, int height) {
    for (int side : new int[] {width, height}) {
      if (side < 1 || side > Short.MAX_VALUE) {
        throw new IllegalArgumentException(
            "size is " + width + "×" + height + ", expected sides from 1 to " + Short.MAX_VALUE);
      }
    }
    return with(changed -> changed.size = new PictureSize(width, height));
  }

  /**
   * Returns a writer that scales in another way.
   *
   * @param filter by default {@link ScalingFilter#LANCZOS}
   * @return the writer
   */
  public VideoWriter withScalingFilter(ScalingFilter filter) {
    requireNonNull(filter);
    return with(changed -> changed.filter = filter);
  }

  /**
   * Returns a writer of files that are played a number of times: GIF, WebP and APNG.
   *
   * @param times from 1 to 65,535, or 0 for ever, the default
   * @return the writer
   * @throws IllegalArgumentException if the number is out of range, or the format cannot say it
   */
  public VideoWriter withLoops(int times) {
    if (times < 0 || times > 65_535) {
      throw new IllegalArgumentException("loops is " + times + ", expected 0 to 65535");
    }
    require(format.loops() != VideoFormat.Loops.NONE, "number of loops");
    return with(changed -> changed.loops = times);
  }

  /**
   * Returns a writer that shows the first frame as a still picture before the video moves: the
   * file's first frame is repeated.
   *
   * @param seconds from 0, the default, to 3600. Rounded to whole frames
   * @return the writer
   * @throws IllegalArgumentException if the time is out of range
   */
  public VideoWriter withStillFirst(double seconds) {
    if (!(seconds >= 0 && seconds <= LONGEST_STILL)) {
      throw new IllegalArgumentException("still is " + seconds + ", expected 0 to 3600 seconds");
    }
    return with(changed -> changed.stillSeconds = seconds);
  }

  /**
   * Returns a writer whose files do not say how their videos were made, nor that a machine did.
   *
   * @return the writer
   */
  public VideoWriter withoutSettings() {
    return with(changed -> changed.recordsSettings = false);
  }

  /**
   * Returns a writer that never replaces a file. Where there is one when the video is complete, the
   * video gets the first free name of out-1.mp4, out-2.mp4 and so on, which {@link
   * VideoStream#written} tells: a computed video is not lost.
   *
   * @return the writer
   */
  public VideoWriter withoutReplacing() {
    return with(changed -> changed.replaces = false);
  }

  /**
   * Returns the format of the files.
   *
   * @return the format
   */
  public VideoFormat format() {
    return format;
  }

  /**
   * Checks that FFmpeg's native libraries are there and contain the encoder. Cheap: to be called
   * before anything is computed.
   *
   * @throws VideoWriteException if they are missing; the message names the Maven dependencies to
   *     add, or the encoders that are there
   */
  public void requireAvailable() throws VideoWriteException {
    WriteStep.run(
        "cannot write " + format.label(),
        () -> {
          Ffmpeg.load();
          return Ffmpeg.encoder(EncodingPipeline.lastChoice(format, options).encoderName());
        });
  }

  /**
   * Checks that a file can be made at a path, by making a temporary one beside it. Cheap, and
   * without native libraries: to be called before anything is computed.
   *
   * @param file as for {@link #write(Video, Path)}
   * @throws VideoWriteException if its folder is missing or not writable, its name is too long, it
   *     is a folder, or, for {@link VideoFormat#PNG_FILES}, it is a file or a folder with content
   */
  public void requireWritable(Path file) throws VideoWriteException {
    requireNonNull(file, "file");
    WriteStep.run(
        "cannot write " + file,
        () -> {
          if (format.isFolder()) {
            AtomicFolder.create(file).close();
          } else {
            AtomicFile.create(file).close();
          }
          return file;
        });
  }

  /**
   * Checks that videos of a size can be written, by opening the encoder and closing it again. To be
   * called before the video is computed.
   *
   * @param width of a frame in pixels, at least 1
   * @param height of a frame in pixels, at least 1
   * @param framesPerSecond of the video
   * @throws VideoWriteException if the video is larger or smaller than the encoder takes, its frame
   *     rate is out of range, or FFmpeg's native libraries or the encoder are missing; the message
   *     then lists the encoders that are there
   * @throws IllegalArgumentException if a number is not above 0
   */
  public void check(int width, int height, double framesPerSecond) throws VideoWriteException {
    VideoInfo clip = new VideoInfo(width, height, 1, framesPerSecond, Provenance.unknown());
    WriteStep.run(
        CANNOT_ENCODE,
        () -> {
          Ffmpeg.load();
          EncodingPipeline.check(clip, format, options);
          return clip;
        });
  }

  /**
   * Writes a video to a file, which appears when it is complete: it is written under another name
   * in the same folder first. A file of that name is replaced; behind a symbolic link, the file
   * that the link points to. A pipe, a device or an open file such as {@code /dev/stdout} gets the
   * bytes when all of them are there.
   *
   * @param video the frames
   * @param file to write, in a folder that exists; for {@link VideoFormat#PNG_FILES} a folder that
   *     does not exist yet, or is empty
   * @return where the file is: at the path, unless {@link #withoutReplacing} made it another one
   * @throws VideoWriteException if the file cannot be written there, the video is larger or smaller
   *     than the encoder takes, its frame rate is out of range, or FFmpeg's native libraries or the
   *     encoder are missing; nothing is left behind then
   */
  public Path write(Video video, Path file) throws VideoWriteException {
    requireNonNull(video, "video");
    try (VideoStream stream = open(file)) {
      stream.write(video);
      return stream.written().get(0);
    }
  }

  /**
   * Writes a video to a stream, which stays open.
   *
   * @param video the frames
   * @param out gets the bytes when all of them are there
   * @throws VideoWriteException if the stream fails, the format is a folder, the video is larger or
   *     smaller than the encoder takes, its frame rate is out of range, or FFmpeg's native
   *     libraries or the encoder are missing
   */
  public void write(Video video, OutputStream out) throws VideoWriteException {
    requireNonNull(video, "video");
    try (VideoStream stream = open(out)) {
      stream.write(video);
    }
  }

  /**
   * Returns the file as bytes, the same that {@link #write} writes, without using the disk.
   *
   * @param video the frames
   * @return the whole file
   * @throws VideoWriteException if the format is a folder, the video is larger or smaller than the
   *     encoder takes, its frame rate is out of range, the file does not fit on the Java heap, or
   *     FFmpeg's native libraries or the encoder are missing
   */
  public byte[] toBytes(Video video) throws VideoWriteException {
    requireNonNull(video, "video");
    Destination.ToArray array = new Destination.ToArray();
    try (VideoStream stream = open(List.of(target(array)).iterator())) {
      stream.write(video);
    }
    return array.bytes();
  }

  /**
   * Returns a file that takes frames one by one.
   *
   * @param file to write, as for {@link #write(Video, Path)}
   * @return the stream, which the caller closes; nothing is written before it is begun
   */
  public VideoStream open(Path file) {
    return open(List.of(file));
  }

  /**
   * Returns several files that take frames one by one, each for one video of a request.
   *
   * @param files in the order of the videos
   * @return the stream, which the caller closes; nothing is written before it is begun
   */
  public VideoStream open(List<Path> files) {
    return open(List.copyOf(files).stream().map(this::target).iterator());
  }

  /**
   * Returns a stream of bytes that takes frames one by one.
   *
   * @param out gets the bytes at the end; stays open
   * @return the stream, which the caller closes
   */
  public VideoStream open(OutputStream out) {
    requireNonNull(out, "out");
    return open(List.of(target(new Destination.ToStream(out))).iterator());
  }

  private VideoStream open(Iterator<VideoStream.Target> targets) {
    return new VideoStream(format, options, targets);
  }

  private VideoStream.Target target(Path file) {
    return new VideoStream.Target(
        "cannot write " + file,
        about ->
            format.isFolder()
                ? new PngFolderMuxer(AtomicFolder.create(file), file, options.replaces, about)
                : container(about, new Destination.ToFile(file, options.replaces)));
  }

  private VideoStream.Target target(Destination bytes) {
    return new VideoStream.Target(
        CANNOT_ENCODE,
        about -> {
          if (format.isFolder()) {
            throw new FfmpegException("PNG files are a folder, not one file: write them to a path");
          }
          return container(about, bytes);
        });
  }

  private Muxer container(Optional<FileRecord> about, Destination destination)
      throws FfmpegException, IOException {
    return new ContainerMuxer(format, format.loops().option(options.loops), about, destination);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("VideoWriter[").append(format.label());
    if (options.encoder != null) {
      text.append(", ").append(options.encoder.encoderName());
    }
    if (options.bitRate > 0) {
      text.append(", ").append(options.bitRate).append(" bits per second");
    } else if (anyCodec(VideoCodec::hasQuality)) {
      text.append(", quality ")
          .append(options.quality == null ? DEFAULT_QUALITY : options.quality.intValue());
    }
    if (options.framesPerSecond != null) {
      text.append(", ").append(options.framesPerSecond).append(" frames per second");
    }
    if (options.size != null) {
      text.append(", ").append(options.size);
    }
    return text.append("]").toString();
  }
}
