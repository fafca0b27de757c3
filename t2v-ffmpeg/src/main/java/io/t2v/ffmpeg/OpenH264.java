package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** H.264 by Cisco's OpenH264, the software encoder that the LGPL natives have on every platform. */
final class OpenH264 implements VideoCodec {
  // Below 16 it fails with the first frame. Above, H.264's level 5.2 sets the bounds: this many
  // macroblocks of 16×16 in a picture, and at most the root of eight times as many in a row or a
  // column. The encoder checks the first alone; beyond the second it can crash the process.
  private static final int MIN_SIDE = 16;
  private static final int MAX_SIDE = 8688;
  private static final int MAX_MACROBLOCKS = 36_864;

  private static final int FINEST = 12; // it raises smaller quantisers to this one
  private static final int COARSEST = 51;

  private static final double MIN_RATE = 1;
  private static final double MAX_RATE = 60;

  @Override
  public String encoder() {
    return "libopenh264";
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
    if (Math.min(width, height) < MIN_SIDE
        || Math.max(width, height) > MAX_SIDE
        || macroblocks(width) * macroblocks(height) > MAX_MACROBLOCKS) {
      throw new FfmpegException(
          "the H.264 encoder takes no frames of "
              + width
              + "×"
              + height
              + ", only sides from "
              + MIN_SIDE
              + " to "
              + MAX_SIDE
              + " and at most "
              + MAX_MACROBLOCKS
              + " blocks of 16×16, such as 4096×2304; scale the frames first");
    }
  }

  private static long macroblocks(int side) {
    return (side + 15L) / 16;
  }

  @Override
  public void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException {
    FrameRate rate = settings.rate();
    context.slices(1);
    context.thread_count(1); // more would cut the frames into slices: other bytes, coarser pictures
    if (rate.value() < MIN_RATE || rate.value() > MAX_RATE) {
      // The encoder knows no others. It uses the rate for its choice of level only; the times in
      // the file come from the time base.
      int nearest = (int) Math.max(MIN_RATE, Math.min(MAX_RATE, rate.value()));
      context.framerate().num(nearest).den(1);
    }
    Ffmpeg.set(context, "profile", "high");
    if (settings.hasBitRate()) {
      context.bit_rate(settings.bitRate());
      context.qmin(FINEST);
      context.qmax(COARSEST);
      Ffmpeg.set(context, "rc_mode", "bitrate");
    } else {
      int quantiser = settings.between(COARSEST, FINEST);
      context.qmin(quantiser);
      context.qmax(quantiser);
      context.bit_rate(expectedBitRate(context, rate, quantiser));
      Ffmpeg.set(context, "rc_mode", "quality");
    }
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
