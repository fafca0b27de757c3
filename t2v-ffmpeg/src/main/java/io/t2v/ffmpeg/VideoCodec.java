package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** One of FFmpeg's encoders, and how this library sets it up. Stateless. */
interface VideoCodec {
  /** Returns FFmpeg's name of the encoder. */
  String encoder();

  /** Returns the pixel format to encode from. */
  PixelLayout pixels();

  /** Tells whether files become smaller at the price of precision. */
  default boolean hasQuality() {
    return true;
  }

  /** Tells whether files can be held to a bit rate. */
  default boolean hasBitRate() {
    return false;
  }

  /** Tells whether frames refer to earlier ones, so that key frames among them matter. */
  default boolean hasKeyFrames() {
    return false;
  }

  /**
   * Refuses sizes that the encoder cannot take.
   *
   * @param width in pixels, after padding
   * @param height in pixels, after padding
   * @throws FfmpegException that names the limits
   */
  default void checkSize(int width, int height) throws FfmpegException {}

  /**
   * Sets quality and options; size, time base, pixel format and colors are set already.
   *
   * @param context not opened yet
   */
  void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException;
}
