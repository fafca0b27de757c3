package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** AV1 by SVT-AV1. Its constant-quality scale runs from 63, the coarsest, to 1. */
final class SvtAv1 implements VideoCodec {
  private static final int COARSEST = 63;
  private static final int FINEST = 1;

  @Override
  public String encoder() {
    return "libsvtav1";
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
    // Below 64 it refuses the first frame or worse.
    SizeLimit.check("AV1", width, height, 64, 8192);
  }

  @Override
  public void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException {
    context.bit_rate(settings.bitRate());
    if (!settings.hasBitRate()) {
      Ffmpeg.set(context, "crf", Integer.toString(settings.between(COARSEST, FINEST)));
    }
    Ffmpeg.set(context, "preset", "8");
    // One level of parallelism: a clip is short, and the generation has better uses for threads.
    Ffmpeg.set(context, "svtav1-params", "lp=1");
  }
}
