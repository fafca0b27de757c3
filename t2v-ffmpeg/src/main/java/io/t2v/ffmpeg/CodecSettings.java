package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/**
 * What an encoder is asked for.
 *
 * @param rate of the frames
 * @param quality from 1 to 100; ignored with a bit rate
 * @param bitRate bits per second, or 0 for a quality
 */
record CodecSettings(FrameRate rate, int quality, long bitRate) {
  boolean hasBitRate() {
    return bitRate > 0;
  }

  /** Returns the number on a codec's scale, from its coarsest (quality 0) to its finest (100). */
  int between(int coarsest, int finest) {
    return (int) Math.round(coarsest - (coarsest - finest) * quality / 100.0);
  }

  /** Sets the bit rate, or else the quality of an encoder whose scale is the option "crf". */
  void setCrfOrBitRate(AVCodecContext context, int coarsest, int finest) throws FfmpegException {
    context.bit_rate(bitRate); // 0: the quality alone decides
    if (!hasBitRate()) {
      Ffmpeg.set(context, Map.of("crf", Integer.toString(between(coarsest, finest))));
    }
  }
}
