package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** Apple ProRes 422 for editing: ten bits, and four grades in place of a scale of quality. */
final class ProRes {
  private static final String[] GRADES = {"proxy", "lt", "standard", "hq"};

  static final VideoCodec CODEC =
      new VideoCodec(
          "prores_ks",
          PixelLayout.YUV422_TEN_BITS,
          VideoCodec.RateControl.INTRA,
          SizeLimit.ofSides("ProRes", 2, 16_384),
          ProRes::configure);

  private ProRes() {}

  private static void configure(AVCodecContext context, CodecSettings settings)
      throws FfmpegException {
    int grade = Math.min(GRADES.length - 1, settings.quality() * GRADES.length / 100);
    Ffmpeg.set(context, Map.of("profile", GRADES[grade]));
    context.thread_count(1);
  }
}
