package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.avutil.AVFrame.AV_FRAME_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_DURATION_FROM_STREAM;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_READ;
import static org.bytedeco.ffmpeg.global.avformat.av_demuxer_iterate;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open2;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_get;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
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
 * The decoded frames of a file's video stream, one after the other. Files are not trusted: their
 * name says nothing, formats that open other files are refused, and so are huge pictures.
 *
 * <p>Owns FFmpeg's demuxer and decoder; for one thread at a time.
 */
final class FrameDecoder implements AutoCloseable {
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

  private static final int QUIETER = 32;

  private final AVIOContext input = new AVIOContext((Pointer) null);
  private final AVFormatContext demuxer;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();
  private final AVCodecContext decoder;
  private final AVStream stream;
  private final Path file;
  private long packets;
  private boolean atEnd;

  /** Opens a file of the default file system. */
  FrameDecoder(Path file) throws FfmpegException {
    this.file = file;
    AVFormatContext opened = new AVFormatContext((Pointer) null);
    AVCodecContext context = new AVCodecContext((Pointer) null);
    try {
      opened = open();
      demuxer = opened;
      stream = videoStream();
      context = decoder();
      decoder = context;
    } catch (FfmpegException | RuntimeException | Error e) {
      free(opened, context);
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
    int streams = demuxer.nb_streams();
    try (PointerPointer<AVDictionary> options = new PointerPointer<>(Math.max(1, streams))) {
      for (int i = 0; i < streams; i++) {
        AVDictionary limit = new AVDictionary((Pointer) null);
        av_dict_set(limit, "max_pixels", Long.toString(MAX_PIXELS), 0);
        options.put(i, limit);
      }
      int result = avformat_find_stream_info(demuxer, options);
      for (int i = 0; i < streams; i++) {
        AVDictionary limit = options.get(AVDictionary.class, i);
        if (limit != null && !limit.isNull()) {
          av_dict_free(limit);
        }
      }
      Ffmpeg.check(result, "find what is in it");
    }
    int index = av_find_best_stream(demuxer, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    if (index < 0) {
      throw new FfmpegException("there is no video in it");
    }
    return demuxer.streams(index);
  }

  private AVCodecContext decoder() throws FfmpegException {
    long pixels = (long) stream.codecpar().width() * stream.codecpar().height();
    if (pixels > MAX_PIXELS) {
      throw new FfmpegException(
          "its pictures are %d×%d, more than %d pixels"
              .formatted(stream.codecpar().width(), stream.codecpar().height(), MAX_PIXELS));
    }
    AVCodec codec = avcodec_find_decoder(stream.codecpar().codec_id());
    if (codec == null || codec.isNull()) {
      throw new FfmpegException(
          "these FFmpeg natives cannot decode "
              + avcodec_get_name(stream.codecpar().codec_id()).getString());
    }
    AVCodecContext context = Ffmpeg.checkAllocated(avcodec_alloc_context3(codec), "a decoder");
    try {
      context.log_level_offset(QUIETER);
      context.thread_count(1);
      context.max_pixels(MAX_PIXELS);
      context.pkt_timebase(stream.time_base());
      Ffmpeg.check(avcodec_parameters_to_context(context, stream.codecpar()), "set up its decoder");
      Ffmpeg.check(avcodec_open2(context, codec, (AVDictionary) null), "open its decoder");
      return context;
    } catch (FfmpegException | RuntimeException | Error e) {
      avcodec_free_context(context);
      throw e;
    }
  }

  /**
   * Decodes the next frame.
   *
   * @return this object's own frame, valid until the next call; nothing at the end
   */
  Optional<AVFrame> next() throws FfmpegException {
    while (true) {
      int result = avcodec_receive_frame(decoder, frame);
      if (result == AVERROR_EOF()) {
        return Optional.empty();
      }
      if (result != AVERROR_EAGAIN()) {
        Ffmpeg.check(result, "decode frame " + packets);
        if ((frame.flags() & AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags() != 0) {
          throw new FfmpegException("it is damaged at frame " + packets);
        }
        return Optional.of(frame);
      }
      feed();
    }
  }

  private void feed() throws FfmpegException {
    int result = atEnd ? AVERROR_EOF() : av_read_frame(demuxer, packet);
    if (result == AVERROR_EOF()) {
      atEnd = true;
      Ffmpeg.check(avcodec_send_packet(decoder, null), "decode the last frame");
      return;
    }
    Ffmpeg.check(result, "read on after frame " + packets);
    try {
      if (packet.stream_index() == stream.index()) {
        packets++;
        Ffmpeg.check(avcodec_send_packet(decoder, packet), "decode frame " + packets);
      }
    } finally {
      av_packet_unref(packet);
    }
  }

  /**
   * Compares what was read with what the file announced: a number of frames, a duration, or an end.
   *
   * @param end of the last frame, in seconds
   * @throws FfmpegException if something is missing
   */
  void requireComplete(double end) throws FfmpegException, IOException {
    if (packets < stream.nb_frames()) {
      throw new FfmpegException(
          "it ends after " + packets + " of " + stream.nb_frames() + " frames: it was cut off");
    }
    double declared = declaredSeconds();
    if (end + 0.5 / framesPerSecond() < declared) {
      throw new FfmpegException(
          "it ends after " + end + " of " + declared + " seconds: it was cut off");
    }
    if (demuxer.iformat().name().getString().equals("gif") && !endsAsGif()) {
      throw new FfmpegException("it has no end: it was cut off");
    }
  }

  /** Only where the header says it of the pictures alone; elsewhere it is a guess, or of sound. */
  private double declaredSeconds() {
    boolean isDeclared =
        demuxer.nb_streams() == 1
            && demuxer.duration_estimation_method() == AVFMT_DURATION_FROM_STREAM;
    return isDeclared ? (double) demuxer.duration() / AV_TIME_BASE : 0;
  }

  private boolean endsAsGif() throws IOException {
    try (ByteSource bytes = ByteSource.open(file)) {
      return bytes.read(bytes.size() - 1, 1)[0] == ';';
    }
  }

  /** When the frame is to be shown, in seconds from the first. */
  double seconds(AVFrame shown, long number) {
    long timestamp = shown.best_effort_timestamp();
    if (timestamp == AV_NOPTS_VALUE) {
      return number / framesPerSecond();
    }
    long start = stream.start_time() == AV_NOPTS_VALUE ? 0 : stream.start_time();
    return (timestamp - start) * value(stream.time_base());
  }

  /** How long the frame is to be shown, in seconds. */
  double duration(AVFrame shown) {
    return shown.duration() > 0
        ? shown.duration() * value(stream.time_base())
        : 1 / framesPerSecond();
  }

  /** The mean rate; that of the player's clock if the file does not say; at last {@code 25}. */
  double framesPerSecond() {
    double mean = value(stream.avg_frame_rate());
    double clock = value(stream.r_frame_rate());
    double rate = mean > 0 ? mean : clock;
    return FrameRate.isValid(rate) ? rate : 25;
  }

  private static double value(AVRational fraction) {
    return fraction.den() == 0 ? 0 : (double) fraction.num() / fraction.den();
  }

  /** The file's comment, if it has one. */
  Optional<String> comment() {
    AVDictionaryEntry entry = av_dict_get(demuxer.metadata(), "comment", null, 0);
    return entry == null || entry.isNull()
        ? Optional.empty()
        : Optional.of(entry.value().getString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    free(demuxer, decoder);
  }

  private void free(AVFormatContext context, AVCodecContext codec) {
    if (!codec.isNull()) {
      avcodec_free_context(codec);
    }
    av_frame_free(frame);
    av_packet_free(packet);
    if (!context.isNull()) {
      avformat_close_input(context);
    }
    if (!input.isNull()) {
      avio_closep(input);
    }
  }
}
