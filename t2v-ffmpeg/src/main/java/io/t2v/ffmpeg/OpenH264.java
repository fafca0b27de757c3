package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** H.264 by Cisco's OpenH264, the software encoder that the LGPL natives have on every platform. */
final class OpenH264 implements VideoCodec {
  @Override
  public String encoder() {
    return "libopenh264";
  }

  @Override
  public int pixelFormat() {
    return AV_PIX_FMT_YUV420P; // the only one that every browser and hardware decoder shows
  }

  @Override
  public void checkSize(int width, int height) throws FfmpegException {
  }

  /** Maps 100 to the finest quantiser, 1, and every two points below to one step more. */
  static int quantiser(int quality) {
    return 51 - quality / 2;
  }

  @Override
  public void configure(AVCodecContext context, FrameRate rate, int quality)
      throws FfmpegException {
    int q = Integer.getInteger("q", quantiser(quality));
    context.qmin(q);
    context.qmax(Integer.getInteger("qmax", q));
    context.bit_rate(Long.getLong("b", 20_000_000));
    context.slices(1);
    context.thread_count(1);
    Ffmpeg.check(av_opt_set(context.priv_data(), "profile", "high", 0), "choose H.264's High profile");
    Ffmpeg.check(av_opt_set(context.priv_data(), "rc_mode", System.getProperty("rc", "quality"), 0), "choose constant quality");
  }
}
