package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.avutil.AVFrame.AV_FRAME_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.Queue;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Decodes the frames of a video stream, in the order in which they are shown, and tells the time
 * stamp of each.
 *
 * <p>Owns the native decoder; for one thread at a time.
 */
final class FrameDecoder implements AutoCloseable {
  private static final int QUIETER = 32;

  private final InputFile input;
  private final AVPacket packet = av_packet_alloc();
  private final AVCodecContext decoder;

  /** Times in the order of decoding, for files that know no others, such as AVI. */
  private final Queue<Long> decodingTimes = new ArrayDeque<>();

  private boolean hasShowingTimes = true;
  private long packets;
  private long lastTick = AV_NOPTS_VALUE;
  private boolean atEnd;

  /** Opens a decoder; the file stays the caller's. */
  FrameDecoder(InputFile input) throws FfmpegException {
    this.input = input;
    try {
      decoder = open();
    } catch (FfmpegException | RuntimeException | Error e) {
      av_packet_free(packet);
      throw e;
    }
  }

  private AVCodecContext open() throws FfmpegException {
    int id = input.stream().codecpar().codec_id();
    AVCodec codec = avcodec_find_decoder(id);
    if (codec == null || codec.isNull()) {
      throw new FfmpegException(
          "these FFmpeg natives cannot decode " + avcodec_get_name(id).getString());
    }
    AVCodecContext context = Ffmpeg.checkAllocated(avcodec_alloc_context3(codec), "a decoder");
    try {
      context.log_level_offset(QUIETER);
      context.thread_count(1);
      context.max_pixels(InputFile.MAX_PIXELS);
      context.pkt_timebase(input.stream().time_base());
      Ffmpeg.check(
          avcodec_parameters_to_context(context, input.stream().codecpar()), "set up its decoder");
      Ffmpeg.check(CodecLock.open(context, codec), "open its decoder");
      return context;
    } catch (FfmpegException | RuntimeException | Error e) {
      avcodec_free_context(context);
      throw e;
    }
  }

  /**
   * Decodes the next frame.
   *
   * @param frame filled with it
   * @return false at the end
   */
  boolean next(AVFrame frame) throws FfmpegException {
    while (true) {
      int result = avcodec_receive_frame(decoder, frame);
      if (result == AVERROR_EOF()) {
        return false;
      }
      if (result != AVERROR_EAGAIN()) {
        Ffmpeg.check(result, "decode frame " + packets);
        if ((frame.flags() & AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags() != 0) {
          throw new FfmpegException("it is damaged at frame " + packets);
        }
        return true;
      }
      feed();
    }
  }

  private void feed() throws FfmpegException {
    int result = atEnd ? AVERROR_EOF() : input.read(packet);
    if (result == AVERROR_EOF()) {
      atEnd = true;
      Ffmpeg.check(avcodec_send_packet(decoder, null), "decode the last frame");
      return;
    }
    Ffmpeg.check(result, "read on after frame " + packets);
    try {
      if (packet.stream_index() == input.stream().index()) {
        note(packet);
        Ffmpeg.check(avcodec_send_packet(decoder, packet), "decode frame " + packets);
      }
    } finally {
      av_packet_unref(packet);
    }
  }

  private void note(AVPacket read) {
    if (packets == 0) {
      hasShowingTimes = read.pts() != AV_NOPTS_VALUE || read.dts() == AV_NOPTS_VALUE;
    }
    packets++;
    if (!hasShowingTimes && read.dts() != AV_NOPTS_VALUE) {
      decodingTimes.add(read.dts());
    }
    long time = read.pts() != AV_NOPTS_VALUE ? read.pts() : read.dts();
    if (time != AV_NOPTS_VALUE && read.duration() > 0) {
      lastTick = Math.max(lastTick, time + read.duration());
    }
  }

  /**
   * Returns when the frame that was just decoded is shown, to be called once a frame.
   *
   * <p>A format without times of showing has one frame at each time of decoding: the frames, once
   * they are in the order of showing, take those in turn. FFmpeg itself would give a frame the time
   * at which it was decoded, which comes too early for all that others are decoded before.
   *
   * @return in ticks; nothing if the file does not say
   */
  OptionalLong time(AVFrame frame) {
    if (!hasShowingTimes) {
      Long time = decodingTimes.poll();
      return time == null ? OptionalLong.empty() : OptionalLong.of(time);
    }
    long time = frame.best_effort_timestamp();
    return time == AV_NOPTS_VALUE ? OptionalLong.empty() : OptionalLong.of(time);
  }

  /** Returns how many frames were read. */
  long packets() {
    return packets;
  }

  /** Returns the latest end of a frame that was read, in ticks; nothing if the file has none. */
  OptionalLong lastTick() {
    return lastTick == AV_NOPTS_VALUE ? OptionalLong.empty() : OptionalLong.of(lastTick);
  }

  @Override
  public void close() {
    avcodec_free_context(decoder);
    av_packet_free(packet);
  }
}
