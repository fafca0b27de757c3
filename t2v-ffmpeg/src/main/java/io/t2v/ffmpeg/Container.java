package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_GLOBALHEADER;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;

import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.Pointer;

/**
 * A file being written, with one video stream. Owns FFmpeg's muxer, not the output; for one thread
 * at a time.
 */
final class Container implements AutoCloseable {
  private final FileFormat format;
  private final AVFormatContext muxer = new AVFormatContext((Pointer) null);

  /**
   * Makes a container; nothing is written yet.
   *
   * @param output takes the bytes, and is closed by the caller after this container
   */
  Container(FileFormat format, AVIOContext output) throws FfmpegException {
    this.format = format;
    Ffmpeg.check(
        avformat_alloc_output_context2(muxer, (AVOutputFormat) null, format.muxer(), (String) null),
        "make a file of the format " + format.name());
    muxer.pb(output);
  }

  boolean wantsGlobalHeader() {
    return (muxer.oformat().flags() & AVFMT_GLOBALHEADER) != 0;
  }

  /** Adds the stream that an encoder makes and writes the file's header. */
  void begin(AVCodecContext encoder, FrameRate rate) throws FfmpegException {
    AVStream stream =
        Ffmpeg.checkAllocated(avformat_new_stream(muxer, (AVCodec) null), "a video stream");
    Ffmpeg.check(
        avcodec_parameters_from_context(stream.codecpar(), encoder), "describe the video stream");
    stream.time_base(encoder.time_base());
    stream.avg_frame_rate().num(rate.numerator()).den(rate.denominator());
    stream.sample_aspect_ratio(encoder.sample_aspect_ratio());
    format.configure(muxer, rate);
    Ffmpeg.check(avformat_write_header(muxer, (AVDictionary) null), "write the file's header");
  }

  /** Writes one packet, whose times are in the encoder's time base. */
  void write(AVPacket packet, AVCodecContext encoder) throws FfmpegException {
    packet.stream_index(0);
    av_packet_rescale_ts(packet, encoder.time_base(), muxer.streams(0).time_base());
    Ffmpeg.check(av_interleaved_write_frame(muxer, packet), "write a frame");
  }

  /** Writes the rest: for MP4 the index. */
  void finish() throws FfmpegException {
    Ffmpeg.check(av_write_trailer(muxer), "write the file's index");
  }

  @Override
  public void close() {
    avformat_free_context(muxer);
    muxer.setNull();
  }
}
