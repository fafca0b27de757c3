package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** H.264 by Cisco's OpenH264, the software encoder that the LGPL natives have on every platform. */
final class OpenH264 {
  private static final int FINEST = 12; // it raises smaller quantisers to this one
  private static final int COARSEST = 51;

  private static final double MIN_RATE = 1;
  private static final double MAX_RATE = 60;

  /**
   * Below 16 it fails with the first frame. Above, H.264's level 5.2 sets the bounds: this many
   * macroblocks in a picture, and at most the root of eight times as many in a row or a column. The
   * encoder checks only the first itself; beyond the second it can crash the process.
   */
  static final VideoCodec CODEC =
      VideoCodec.software(
          "libopenh264", new SizeLimit("H.264", 16, 8688, 36_864), OpenH264::configure);

  private OpenH264() {}

  private static void configure(AVCodecContext context, CodecSettings settings)
      throws FfmpegException {
    FrameRate rate = settings.rate();
    context.slices(1);
    context.thread_count(1); // more would cut the frames into slices: other bytes, coarser pictures
    if (rate.value() < MIN_RATE || rate.value() > MAX_RATE) {
      // The encoder knows no others. It uses the rate for its choice of level only; the times in
      // the file come from the time base.
      int nearest = (int) Math.max(MIN_RATE, Math.min(MAX_RATE, rate.value()));
      context.framerate().num(nearest).den(1);
    }
    if (settings.hasBitRate()) {
      context.bit_rate(settings.bitRate());
      context.qmin(FINEST);
      context.qmax(COARSEST);
    } else {
      int quantiser = settings.between(COARSEST, FINEST);
      context.qmin(quantiser);
      context.qmax(quantiser);
      context.bit_rate(expectedBitRate(context, rate, quantiser));
    }
    String mode = settings.hasBitRate() ? "bitrate" : "quality";
    Ffmpeg.set(context, Map.of("profile", "high", "rc_mode", mode));
  }

  /**
   * Guesses the bit rate of detailed pictures. With the quantiser held fixed it has no influence on
   * them, but the encoder names the lowest level that allows it, and players look at the level.
   */
  private static long expectedBitRate(AVCodecContext context, FrameRate rate, int quantiser) {
    double bitsPerPixel = 0.3 * Math.pow(2, (18 - quantiser) / 6.0);
    double bitsPerSecond =
        (double) context.width()
            * context.height()
            * Math.min(MAX_RATE, rate.value())
            * bitsPerPixel;
    return Math.round(Math.max(64_000, Math.min(240_000_000, bitsPerSecond)));
  }
}
