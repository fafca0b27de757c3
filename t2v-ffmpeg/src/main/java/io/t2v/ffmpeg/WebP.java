package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/**
 * WebP by libwebp, whose own scale of quality is this library's; 100 is lossless.
 *
 * <p>Each frame is a picture of its own. libwebp's encoder for animations drops a frame that is
 * nearly equal to the one before it, where "nearly" depends on the quality: half of the frames of a
 * slow movement.
 */
final class WebP {
  private static final int LOSSLESS = 100;

  static final VideoCodec CODEC =
      new VideoCodec(
          "libwebp",
          PixelLayout.BGRA,
          VideoCodec.RateControl.INTRA,
          SizeLimit.ofSides("WebP", 1, 16_383),
          WebP::configure);

  private WebP() {}

  private static void configure(AVCodecContext context, CodecSettings settings)
      throws FfmpegException {
    boolean lossless = settings.quality() == LOSSLESS;
    Ffmpeg.set(
        context,
        Map.of(
            "lossless", lossless ? "1" : "0",
            "quality", lossless ? "75" : Integer.toString(settings.quality())));
  }
}
