package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_UNKNOWN;

import java.io.IOException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * A running encoder: frames in, packets out. Owns the native encoder and one packet; for one thread
 * at a time.
 */
final class FrameEncoder implements AutoCloseable {
  private final String name;
  private final AVCodecContext context;
  private final AVPacket packet;
  private long frames;

  /**
   * Opens an encoder.
   *
   * @param size of the frames, padded
   * @param keyFrameSeconds time from one key frame to the next
   * @param globalHeader whether the file format keeps the stream's parameters in its own header
   */
  FrameEncoder(
      VideoCodec codec,
      PictureSize size,
      CodecSettings settings,
      double keyFrameSeconds,
      boolean globalHeader)
      throws FfmpegException {
    AVCodec encoder = Ffmpeg.encoder(codec.encoder());
    codec.limit().check(size);
    FrameRate rate = settings.rate();
    this.name = codec.encoder();
    this.context = Ffmpeg.checkAllocated(avcodec_alloc_context3(encoder), "an encoder");
    try {
      context.width(size.width());
      context.height(size.height());
      context.sample_aspect_ratio().num(1).den(1);
      context.time_base().num(rate.denominator()).den(rate.numerator());
      context.framerate().num(rate.numerator()).den(rate.denominator());
      context.gop_size((int) Math.max(1, Math.round(keyFrameSeconds * rate.value())));
      codec.pixels().describe(context);
      if (globalHeader) {
        context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
      }
      codec.setup().configure(context, settings);
      Ffmpeg.check(CodecLock.open(context, encoder), "open the encoder " + name + " for " + size);
      this.packet = Ffmpeg.checkAllocated(av_packet_alloc(), "a packet");
    } catch (FfmpegException | RuntimeException | Error e) {
      CodecLock.free(context);
      throw e;
    }
  }

  /** Returns the native encoder, which stays this object's. */
  AVCodecContext context() {
    return context;
  }

  /** Encodes one frame; its time stamp is its number. */
  void encode(AVFrame frame, Muxer muxer) throws FfmpegException, IOException {
    frame.pts(frames++);
    frame.duration(1);
    send(frame, muxer);
  }

  /** Encodes what the encoder held back; nothing can be encoded afterwards. */
  void finish(Muxer muxer) throws FfmpegException, IOException {
    send(null, muxer);
  }

  private void send(@Nullable AVFrame frame, Muxer muxer) throws FfmpegException, IOException {
    check(avcodec_send_frame(context, frame));
    while (true) {
      int result = avcodec_receive_packet(context, packet);
      if (result == AVERROR_EAGAIN() || result == AVERROR_EOF) {
        return;
      }
      check(result);
      // Some encoders leave it out; without it the last frame would have no duration.
      packet.duration(1);
      muxer.write(packet, context);
    }
  }

  private void check(int result) throws FfmpegException {
    if (result == AVERROR_UNKNOWN()) {
      // OpenH264's answer to pictures of pure noise, for which its buffers are too small.
      throw new FfmpegException(
          name + " gave up on a frame: it has more detail than goes with this quality; lower it");
    }
    Ffmpeg.check(result, "encode a frame with " + name);
  }

  @Override
  public void close() {
    av_packet_free(packet);
    CodecLock.free(context);
  }
}
