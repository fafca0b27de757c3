package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** VP9 by libvpx. Its constant-quality scale runs from 63, the coarsest, to 0. */
final class Vp9 {
  /** Seconds of video over which the bit rate is held. */
  private static final int RATE_WINDOW = 2;

  static final VideoCodec CODEC =
      VideoCodec.software("libvpx-vp9", SizeLimit.ofSides("VP9", 1, 16_384), Vp9::configure);

  private Vp9() {}

  private static void configure(AVCodecContext context, CodecSettings settings)
      throws FfmpegException {
    context.thread_count(1); // the same bytes on every machine
    settings.setCrfOrBitRate(context, /* coarsest= */ 63, /* finest= */ 2);
    Ffmpeg.set(context, Map.of("deadline", "good", "cpu-used", "4"));
    if (settings.hasBitRate()) {
      holdBitRate(context, settings.bitRate());
    }
  }

  /**
   * Selects libvpx's control for a constant rate. Its default control aims at the mean of a long
   * film and, without a first pass, misses it by a factor of two in clips of seconds.
   */
  private static void holdBitRate(AVCodecContext context, long bitRate) throws FfmpegException {
    context.rc_min_rate(bitRate); // equal limits are FFmpeg's way of asking for it
    context.rc_max_rate(bitRate);
    context.rc_buffer_size((int) Math.min(Integer.MAX_VALUE, RATE_WINDOW * bitRate));
    // By how many percent the next frames may leave the target to make up for the last ones.
    Ffmpeg.set(context, Map.of("undershoot-pct", "100", "overshoot-pct", "100"));
  }
}
