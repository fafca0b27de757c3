package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/**
 * An encoder that keeps every bit that it is given, and has nothing to choose.
 *
 * @param encoder FFmpeg's name
 * @param pixels what it is given
 * @param maxSide the largest width or height, in pixels
 * @param options of the encoder alone
 */
record LosslessCodec(String encoder, PixelLayout pixels, int maxSide, Map<String, String> options)
    implements VideoCodec {
  @Override
  public boolean hasQuality() {
    return false;
  }

  @Override
  public void checkSize(int width, int height) throws FfmpegException {
    SizeLimit.check(encoder, width, height, 1, maxSide);
  }

  @Override
  public void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException {
    context.thread_count(1);
    for (Map.Entry<String, String> option : options.entrySet()) {
      Ffmpeg.set(context, option.getKey(), option.getValue());
    }
  }
}
