package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
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
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.Pointer;

/** What a player finds in a file: the stream's description, its times and its frames as RGB. */
record Decoded(
    String codec,
    int profile,
    int pixelFormat,
    int colorSpace,
    int primaries,
    int transfer,
    int range,
    int width,
    int height,
    double framesPerSecond,
    long declaredFrames,
    double streamSeconds,
    double fileSeconds,
    double lastFrameEnds,
    List<Double> times,
    List<Boolean> keyFrames,
    List<byte[]> frames) {

  static Decoded read(Path file) throws FfmpegException {
    Ffmpeg.load();
    AVFormatContext format = new AVFormatContext((Pointer) null);
    Ffmpeg.check(
        avformat_open_input(format, file.toString(), (AVInputFormat) null, (AVDictionary) null),
        "open " + file);
    AVPacket packet = av_packet_alloc();
    AVFrame frame = av_frame_alloc();
    AVCodecContext decoder = null;
    try {
      Ffmpeg.check(avformat_find_stream_info(format, (AVDictionary) null), "find streams");
      AVStream stream = format.streams(0);
      AVCodecParameters parameters = stream.codecpar();
      AVCodec codec = avcodec_find_decoder(parameters.codec_id());
      decoder = avcodec_alloc_context3(codec);
      Ffmpeg.check(avcodec_parameters_to_context(decoder, parameters), "set up the decoder");
      Ffmpeg.check(avcodec_open2(decoder, codec, (AVDictionary) null), "open the decoder");
      double tick = (double) stream.time_base().num() / stream.time_base().den();
      List<Double> times = new ArrayList<>();
      List<Boolean> keys = new ArrayList<>();
      List<byte[]> frames = new ArrayList<>();
      double end = 0;
      while (av_read_frame(format, packet) >= 0) {
        times.add(packet.pts() * tick);
        keys.add((packet.flags() & AV_PKT_FLAG_KEY) != 0);
        end = (packet.pts() + packet.duration()) * tick;
        Ffmpeg.check(avcodec_send_packet(decoder, packet), "decode");
        av_packet_unref(packet);
        receive(decoder, frame, frames);
      }
      Ffmpeg.check(avcodec_send_packet(decoder, null), "flush");
      receive(decoder, frame, frames);
      return new Decoded(
          avcodec_get_name(parameters.codec_id()).getString(),
          parameters.profile(),
          parameters.format(),
          parameters.color_space(),
          parameters.color_primaries(),
          parameters.color_trc(),
          parameters.color_range(),
          parameters.width(),
          parameters.height(),
          (double) stream.avg_frame_rate().num() / stream.avg_frame_rate().den(),
          stream.nb_frames(),
          stream.duration() * tick,
          format.duration() / 1e6,
          end,
          times,
          keys,
          frames);
    } finally {
      if (decoder != null) {
        avcodec_free_context(decoder);
      }
      av_frame_free(frame);
      av_packet_free(packet);
      avformat_close_input(format);
    }
  }

  private static void receive(AVCodecContext decoder, AVFrame frame, List<byte[]> frames)
      throws FfmpegException {
    while (avcodec_receive_frame(decoder, frame) >= 0) {
      frames.add(rgb(frame));
    }
  }

  private static byte[] rgb(AVFrame frame) throws FfmpegException {
    PictureSize size = new PictureSize(frame.width(), frame.height());
    return PixelReader.read(frame, size, ScalingFilter.LANCZOS).rgb();
  }
}
