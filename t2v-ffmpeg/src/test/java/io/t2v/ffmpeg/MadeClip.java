package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_GLOBALHEADER;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.Pointer;

/**
 * Files that {@link VideoWriter} does not make: other codecs, times and labels. Frames are flat,
 * and each tells its number by its brightness.
 */
final class MadeClip {
  private static final int STEP = 4;

  private final String codec;
  private final String format;
  private int width = 64;
  private int height = 64;
  private int ticksPerSecond = 24;
  private int pixelFormat = AV_PIX_FMT_YUV420P;
  private int bFrames;
  private long delay;
  private long lastDuration = 1;
  private Consumer<AVCodecContext> settings = context -> {};

  MadeClip(String codec, String format) {
    this.codec = codec;
    this.format = format;
  }

  MadeClip size(int width, int height) {
    this.width = width;
    this.height = height;
    return this;
  }

  MadeClip ticksPerSecond(int ticks) {
    ticksPerSecond = ticks;
    return this;
  }

  /** Frames that are decoded after a later one. */
  MadeClip bFrames(int frames) {
    bFrames = frames;
    return this;
  }

  /** Shows each frame later than it is decoded, as files with B-frames do. */
  MadeClip shownLater(long ticks) {
    delay = ticks;
    return this;
  }

  /** How long the last frame is shown, in ticks. */
  MadeClip lastFor(long ticks) {
    lastDuration = ticks;
    return this;
  }

  MadeClip pixelFormat(int format) {
    pixelFormat = format;
    return this;
  }

  MadeClip settings(Consumer<AVCodecContext> change) {
    settings = change;
    return this;
  }

  /** Writes numbered frames, each a tick long. */
  Path write(Path file, int frames) throws FfmpegException {
    return write(file, LongStream.range(0, frames).toArray());
  }

  /** Writes numbered frames at some times, in ticks. */
  Path write(Path file, long... times) throws FfmpegException {
    List<int[]> colors = new ArrayList<>();
    for (int i = 0; i < times.length; i++) {
      colors.add(new int[] {16 + STEP * i, 128, 128});
    }
    return write(file, colors, times);
  }

  /** Returns the numbers of the frames of a video that was read. */
  static List<Integer> numbers(io.t2v.Video video) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < video.frameCount(); i++) {
      byte[] rgb = video.rgb(i);
      int middle = rgb[rgb.length / 2] & 0xff;
      numbers.add((int) Math.round(middle * 219 / 255.0 / STEP));
    }
    return numbers;
  }

  /**
   * Writes flat frames.
   *
   * @param colors luma and two chroma codes each
   * @param times in ticks
   */
  Path write(Path file, List<int[]> colors, long... times) throws FfmpegException {
    Ffmpeg.load();
    AVFormatContext muxer = new AVFormatContext((Pointer) null);
    Ffmpeg.check(
        avformat_alloc_output_context2(muxer, (AVOutputFormat) null, format, (String) null),
        "make " + format);
    AVCodec encoder = Ffmpeg.encoder(codec);
    AVCodecContext context = avcodec_alloc_context3(encoder);
    AVIOContext output = new AVIOContext((Pointer) null);
    try {
      Ffmpeg.check(avio_open(output, file.toString(), AVIO_FLAG_WRITE), "open " + file);
      muxer.pb(output);
      context.width(width).height(height).pix_fmt(pixelFormat).max_b_frames(bFrames);
      context.time_base().num(1).den(ticksPerSecond);
      context.framerate().num(ticksPerSecond).den(1);
      context.gop_size(12).bit_rate(4_000_000).log_level_offset(32);
      if ((muxer.oformat().flags() & AVFMT_GLOBALHEADER) != 0) {
        context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
      }
      settings.accept(context);
      Ffmpeg.check(avcodec_open2(context, encoder, (AVDictionary) null), "open " + codec);
      AVStream stream = avformat_new_stream(muxer, (AVCodec) null);
      Ffmpeg.check(avcodec_parameters_from_context(stream.codecpar(), context), "describe");
      stream.time_base(context.time_base());
      stream.avg_frame_rate().num(ticksPerSecond).den(1);
      stream.sample_aspect_ratio(context.sample_aspect_ratio());
      Ffmpeg.check(avformat_write_header(muxer, (AVDictionary) null), "begin");
      for (int i = 0; i < times.length; i++) {
        AVFrame frame = flat(colors.get(i));
        frame.pts(times[i]);
        frame.duration(i == times.length - 1 ? lastDuration : 1);
        encode(muxer, context, frame);
        av_frame_free(frame);
      }
      encode(muxer, context, null);
      Ffmpeg.check(av_write_trailer(muxer), "end");
      return file;
    } finally {
      avcodec_free_context(context);
      avio_closep(output);
      avformat_free_context(muxer);
      muxer.setNull();
    }
  }

  private void encode(AVFormatContext muxer, AVCodecContext context, AVFrame frame)
      throws FfmpegException {
    Ffmpeg.check(avcodec_send_frame(context, frame), "encode");
    AVPacket packet = av_packet_alloc();
    while (avcodec_receive_packet(context, packet) >= 0) {
      packet.pts(packet.pts() + delay);
      packet.duration(frame == null || frame.duration() == 0 ? 1 : frame.duration());
      packet.stream_index(0);
      av_packet_rescale_ts(packet, context.time_base(), muxer.streams(0).time_base());
      Ffmpeg.check(av_interleaved_write_frame(muxer, packet), "write");
    }
    av_packet_free(packet);
  }

  private AVFrame flat(int[] color) throws FfmpegException {
    AVFrame frame = av_frame_alloc();
    frame.width(width).height(height).format(pixelFormat);
    Ffmpeg.check(av_frame_get_buffer(frame, 0), "make a frame");
    boolean isHalved = pixelFormat == AV_PIX_FMT_YUV420P;
    for (int plane = 0; plane < 3; plane++) {
      int rows = isHalved && plane > 0 ? (height + 1) / 2 : height;
      int bytes = frame.linesize(plane) * rows;
      ByteBuffer samples =
          frame.data(plane).capacity(bytes).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      while (samples.hasRemaining()) {
        if (isHalved) {
          samples.put((byte) color[plane]);
        } else {
          samples.putShort((short) color[plane]);
        }
      }
    }
    return frame;
  }
}
