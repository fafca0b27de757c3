package io.t2v.ffmpeg;

/**
 * What an encoder is asked for.
 *
 * @param rate of the frames
 * @param quality from 1 to 100; not looked at with a bit rate
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
}
