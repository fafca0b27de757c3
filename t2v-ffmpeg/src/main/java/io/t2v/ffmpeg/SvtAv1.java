package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** AV1 by SVT-AV1. Its constant-quality scale runs from 63, the coarsest, to 1. */
final class SvtAv1 {
  /** Below 64 pixels it refuses the first frame or worse. */
  static final VideoCodec CODEC =
      VideoCodec.software("libsvtav1", SizeLimit.ofSides("AV1", 64, 8192), SvtAv1::configure);

  private SvtAv1() {}

  private static void configure(AVCodecContext context, CodecSettings settings)
      throws FfmpegException {
    settings.setCrfOrBitRate(context, /* coarsest= */ 63, /* finest= */ 1);
    // One level of parallelism: a clip is short, and the generation has better uses for threads.
    Ffmpeg.set(context, Map.of("preset", "8", "svtav1-params", "lp=1"));
  }
}
