package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** VP9 by libvpx. Its constant-quality scale runs from 63, the coarsest, to 0. */
final class Vp9 implements VideoCodec {
  private static final int COARSEST = 63;
  private static final int FINEST = 2;

  @Override
  public String encoder() {
    return "libvpx-vp9";
  }

  @Override
  public PixelLayout pixels() {
    return PixelLayout.YUV420;
  }

  @Override
  public boolean hasBitRate() {
    return true;
  }

  @Override
  public boolean hasKeyFrames() {
    return true;
  }

  @Override
  public void checkSize(int width, int height) throws FfmpegException {
    SizeLimit.check("VP9", width, height, 1, 16_384);
  }

  @Override
  public void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException {
    context.thread_count(1); // the same bytes on every machine
    context.bit_rate(settings.bitRate()); // none: the quality alone decides
    if (!settings.hasBitRate()) {
      Ffmpeg.set(context, "crf", Integer.toString(settings.between(COARSEST, FINEST)));
    }
    Ffmpeg.set(context, "deadline", "good");
    Ffmpeg.set(context, "cpu-used", "4");
  }
}
