package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/** One of FFmpeg's encoders, and how this library sets it up. Stateless. */
interface VideoCodec {
  /** Returns FFmpeg's name of the encoder. */
  String encoder();

  /** Returns the pixel format to encode from, one of FFmpeg's {@code AV_PIX_FMT_*}. */
  int pixelFormat();

  /**
   * Refuses sizes that the encoder cannot take.
   *
   * @param width in pixels, after padding
   * @param height in pixels, after padding
   * @throws FfmpegException that names the limits
   */
  void checkSize(int width, int height) throws FfmpegException;

  /**
   * Sets quality and options; size, time base, pixel format and colours are set already.
   *
   * @param context not opened yet
   * @param rate of the frames to come
   * @param quality from 1 to 100
   */
  void configure(AVCodecContext context, FrameRate rate, int quality) throws FfmpegException;
}
