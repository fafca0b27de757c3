package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avformat.AVFMT_DURATION_FROM_STREAM;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_TS_DISCONT;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_READ;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.av_demuxer_iterate;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_guess_sample_aspect_ratio;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open2;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_get;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * An open file and its video stream. Files are not trusted: their name says nothing, formats that
 * open other files are refused, and so are huge pictures.
 *
 * <p>Owns FFmpeg's demuxer; for one thread at a time.
 */
final class InputFile implements AutoCloseable {
  /** Pixels of a picture; more than any encoder here writes, and 256 MiB at four bytes each. */
  static final long MAX_PIXELS = 1L << 26;

  /** Playlists, scripts and network formats, and one that takes any text for a picture. */
  private static final Set<String> NOT_ALLOWED =
      Set.of(
          "concat",
          "hls",
          "dash",
          "imf",
          "image2",
          "image2pipe",
          "rtp",
          "rtsp",
          "sap",
          "sdp",
          "tty",
          "ffmetadata",
          "webm_dash_manifest");

  private static final Set<String> STILL_BRANDS = Set.of("avif", "mif1", "heic", "heix");
  private static final double FALLBACK_RATE = 25;

  private final AVIOContext input = new AVIOContext((Pointer) null);
  private final AVFormatContext demuxer;
  private final AVStream stream;
  private final Path file;

  /** Opens a file of the default file system. */
  InputFile(Path file) throws FfmpegException {
    this.file = file;
    AVFormatContext opened = new AVFormatContext((Pointer) null);
    try {
      opened = open();
      demuxer = opened;
      stream = videoStream();
    } catch (FfmpegException | RuntimeException | Error e) {
      free(opened);
      throw e;
    }
  }

  private AVFormatContext open() throws FfmpegException {
    try (BytePointer url = Ffmpeg.utf8("file:" + file.toAbsolutePath())) {
      Ffmpeg.check(
          avio_open2(input, url, AVIO_FLAG_READ, (AVIOInterruptCB) null, (AVDictionary) null),
          "open it");
    }
    AVFormatContext context = Ffmpeg.checkAllocated(avformat_alloc_context(), "a reader");
    context.pb(input);
    AVDictionary options = new AVDictionary((Pointer) null);
    av_dict_set(options, "protocol_whitelist", "file", 0);
    av_dict_set(options, "format_whitelist", String.join(",", allowedFormats()), 0);
    try {
      // Without its name, which would decide about the format. Frees the context on failure.
      int result = avformat_open_input(context, (String) null, (AVInputFormat) null, options);
      if (result < 0) {
        throw new FfmpegException(
            "it is not a video or picture, or its beginning or index is missing: "
                + Ffmpeg.describe(result));
      }
    } finally {
      av_dict_free(options);
    }
    return context;
  }

  private static List<String> allowedFormats() {
    List<String> allowed = new ArrayList<>();
    Pointer cursor = new Pointer();
    for (AVInputFormat format = av_demuxer_iterate(cursor);
        format != null && !format.isNull();
        format = av_demuxer_iterate(cursor)) {
      String names = format.name().getString();
      if (!NOT_ALLOWED.contains(names)) {
        allowed.add(names);
      }
    }
    return allowed;
  }

  private AVStream videoStream() throws FfmpegException {
    findStreams();
    int index = av_find_best_stream(demuxer, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    if (index < 0) {
      throw new FfmpegException("there is no video in it");
    }
    AVStream best = demuxer.streams(index);
    if ((best.disposition() & AV_DISPOSITION_ATTACHED_PIC) != 0) {
      throw new FfmpegException("it is sound with a cover picture, there is no video in it");
    }
    if (demuxer.nb_stream_groups() > 0 && isStillBrand()) {
      throw new FfmpegException(
          "it is a picture made of tiles, which is not supported; convert it to PNG or JPEG");
    }
    AVCodecParameters parameters = best.codecpar();
    if ((long) parameters.width() * parameters.height() > MAX_PIXELS) {
      throw tooLarge(new PictureSize(parameters.width(), parameters.height()));
    }
    return best;
  }

  private void findStreams() throws FfmpegException {
    int streams = demuxer.nb_streams();
    try (PointerPointer<AVDictionary> options = new PointerPointer<>(Math.max(1, streams))) {
      for (int i = 0; i < streams; i++) {
        AVDictionary limit = new AVDictionary((Pointer) null);
        av_dict_set(limit, "max_pixels", Long.toString(MAX_PIXELS), 0);
        options.put(i, limit);
      }
      int result = CodecLock.findStreams(demuxer, options);
      for (int i = 0; i < streams; i++) {
        AVDictionary limit = options.get(AVDictionary.class, i);
        if (limit != null && !limit.isNull()) {
          av_dict_free(limit);
        }
      }
      Ffmpeg.check(result, "find what is in it");
    }
  }

  /** Says that pictures of a size are not read. */
  static FfmpegException tooLarge(PictureSize size) {
    return new FfmpegException(
        "its pictures are %s, %s million pixels, and at most %s million are read; make them smaller"
            .formatted(
                size,
                Math.round(size.width() / 1e3 * size.height() / 1e3),
                MAX_PIXELS / 1_000_000));
  }

  Path file() {
    return file;
  }

  /** Returns what FFmpeg knows of the stream; it stays this object's. */
  AVStream stream() {
    return stream;
  }

  /** Reads the next packet of any stream; negative at the end or on failure. */
  int read(AVPacket packet) {
    return av_read_frame(demuxer, packet);
  }

  /** Tells whether this is a single picture, which has no speed. */
  boolean isPicture() {
    return format().endsWith("_pipe") || (isStillBrand() && stream.nb_frames() <= 1);
  }

  private boolean isStillBrand() {
    return metadata("major_brand").map(STILL_BRANDS::contains).orElse(false);
  }

  /** Tells whether the file's format is one in which the times may start again. */
  boolean mayRestart() {
    return (demuxer.iformat().flags() & AVFMT_TS_DISCONT) != 0;
  }

  /** FFmpeg's name of the file format; several with commas between them. */
  String format() {
    return demuxer.iformat().name().getString();
  }

  /** Seconds of a unit of the stream's time stamps. */
  double tick() {
    return value(stream.time_base());
  }

  /** The mean rate; that of the player's clock if the file does not say; at last {@code 25}. */
  double framesPerSecond() {
    double mean = value(stream.avg_frame_rate());
    double clock = value(stream.r_frame_rate());
    double rate = mean > 0 ? mean : clock;
    return FrameRate.isValid(rate) ? rate : FALLBACK_RATE;
  }

  /** How much wider than high a pixel is meant to be shown; 1 if the file does not say. */
  double pixelAspect(AVFrame frame) {
    double aspect = value(av_guess_sample_aspect_ratio(demuxer, stream, frame));
    return aspect > 0 ? aspect : 1;
  }

  /**
   * Returns the length of the video that the file's header tells: not one that FFmpeg guessed, and
   * not that of the sound.
   *
   * @param start the file's own time of the first frame, in seconds
   * @return seconds from the first frame; nothing if the header does not say
   */
  OptionalDouble declaredSeconds(double start) {
    if (demuxer.duration_estimation_method() != AVFMT_DURATION_FROM_STREAM) {
      return OptionalDouble.empty();
    }
    if (stream.nb_frames() > 0 && stream.duration() != AV_NOPTS_VALUE) {
      return OptionalDouble.of(stream.duration() * tick());
    }
    // Most programs that write Matroska and FLV count from 0, not from the first frame.
    double end = (double) demuxer.duration() / AV_TIME_BASE;
    return demuxer.nb_streams() == 1
        ? OptionalDouble.of(end - Math.max(0, start))
        : OptionalDouble.empty();
  }

  /** Returns what is known of the video's length before it is read. */
  FrameCollector.Announced announced() {
    long first = stream.start_time();
    double start = first == AV_NOPTS_VALUE ? 0 : first * tick();
    return new FrameCollector.Announced(stream.nb_frames(), declaredSeconds(start));
  }

  /** The file's comment, if it has one. */
  Optional<String> comment() {
    return metadata("comment");
  }

  private Optional<String> metadata(String key) {
    AVDictionaryEntry entry = av_dict_get(demuxer.metadata(), key, null, 0);
    return entry == null || entry.isNull()
        ? Optional.empty()
        : Optional.of(entry.value().getString(StandardCharsets.UTF_8));
  }

  private static double value(AVRational fraction) {
    return fraction.den() == 0 ? 0 : (double) fraction.num() / fraction.den();
  }

  @Override
  public void close() {
    free(demuxer);
  }

  private void free(AVFormatContext context) {
    if (!context.isNull()) {
      avformat_close_input(context);
    }
    if (!input.isNull()) {
      avio_closep(input);
    }
  }
}
