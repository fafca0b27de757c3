package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** WebP by libwebp, whose own scale of quality is this library's; 100 is lossless. */
final class WebPCodec implements VideoCodec {
  private static final int LOSSLESS = 100;

  @Override
  public String encoder() {
    return "libwebp_anim";
  }

  @Override
  public PixelLayout pixels() {
    return PixelLayout.BGRA;
  }

  @Override
  public void checkSize(int width, int height) throws FfmpegException {
    SizeLimit.check("WebP", width, height, 1, 16_383);
  }

  @Override
  public void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException {
    boolean lossless = settings.quality() == LOSSLESS;
    Ffmpeg.set(context, "lossless", lossless ? "1" : "0");
    Ffmpeg.set(context, "quality", lossless ? "75" : Integer.toString(settings.quality()));
  }
}
