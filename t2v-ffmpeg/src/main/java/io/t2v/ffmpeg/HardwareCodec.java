package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/**
 * An encoder in a graphics card or a system's media framework. Whether it is there shows only when
 * it is opened, and what it does with its options differs from driver to driver.
 *
 * @param encoder FFmpeg's name
 * @param pixels what it is given
 * @param coarsest value of the quality option for quality 0
 * @param finest value of the quality option for quality 100
 * @param qualityOption takes a number between the two
 * @param options that go with it
 */
record HardwareCodec(
    String encoder,
    PixelLayout pixels,
    int coarsest,
    int finest,
    String qualityOption,
    Map<String, String> options)
    implements VideoCodec {
  /** FFmpeg's own field, which some encoders look at instead of an option. */
  static final String GLOBAL_QUALITY = "global_quality";

  @Override
  public boolean hasBitRate() {
    return true;
  }

  @Override
  public boolean hasKeyFrames() {
    return true;
  }

  @Override
  public void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException {
    if (settings.hasBitRate()) {
      context.bit_rate(settings.bitRate());
      return;
    }
    int quality = settings.between(coarsest, finest);
    if (qualityOption.equals(GLOBAL_QUALITY)) {
      context.global_quality(quality);
    } else {
      Ffmpeg.set(context, qualityOption, Integer.toString(quality));
    }
    for (Map.Entry<String, String> option : options.entrySet()) {
      Ffmpeg.set(context, option.getKey(), option.getValue());
    }
  }
}
