package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/**
 * Apple ProRes 422 for editing: every frame on its own, ten bits. It has four grades in place of a
 * scale of quality.
 */
final class ProRes implements VideoCodec {
  private static final String[] GRADES = {"proxy", "lt", "standard", "hq"};

  @Override
  public String encoder() {
    return "prores_ks";
  }

  @Override
  public PixelLayout pixels() {
    return PixelLayout.YUV422_TEN_BITS;
  }

  @Override
  public void checkSize(int width, int height) throws FfmpegException {
    SizeLimit.check("ProRes", width, height, 2, 16_384);
  }

  @Override
  public void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException {
    int grade = Math.min(GRADES.length - 1, settings.quality() * GRADES.length / 100);
    Ffmpeg.set(context, "profile", GRADES[grade]);
    context.thread_count(1);
  }
}
