package io.t2v.ffmpeg;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;

/**
 * One of FFmpeg's encoders, and how this library sets it up. Immutable.
 *
 * @param encoder FFmpeg's name
 * @param pixels the layout that it encodes from
 * @param control what decides about size and precision of its files
 * @param limit the frame sizes that it accepts
 * @param setup sets quality and options
 */
record VideoCodec(
    String encoder, PixelLayout pixels, RateControl control, SizeLimit limit, Setup setup) {
  /** FFmpeg's own field, which some encoders read in place of an option. */
  static final String GLOBAL_QUALITY = "global_quality";

  /** What decides about the size and the precision of a file. */
  enum RateControl {
    /** Nothing: every bit is kept. */
    LOSSLESS,
    /** A quality; each frame is encoded on its own. */
    INTRA,
    /** A quality or a bit rate; frames refer to earlier ones, back to a key frame. */
    INTER,
    /** The same, in hardware. */
    INTER_HARDWARE
  }

  /** Prepares an encoder that is not open yet. */
  interface Setup {
    /**
     * Sets quality and options. Size, time base, pixel format and colors are set already.
     *
     * @param context not open yet
     * @param settings of the file
     */
    void configure(AVCodecContext context, CodecSettings settings) throws FfmpegException;
  }

  /** Describes a software encoder for playing everywhere: 4:2:0, key frames among others. */
  static VideoCodec software(String encoder, SizeLimit limit, Setup setup) {
    return new VideoCodec(encoder, PixelLayout.YUV420, RateControl.INTER, limit, setup);
  }

  /**
   * Describes a lossless encoder.
   *
   * @param maxSide the largest width or height, in pixels
   * @param options of this encoder alone
   */
  static VideoCodec lossless(
      String encoder, PixelLayout pixels, int maxSide, Map<String, String> options) {
    return new VideoCodec(
        encoder,
        pixels,
        RateControl.LOSSLESS,
        SizeLimit.ofSides(encoder, 1, maxSide),
        (context, settings) -> {
          context.thread_count(1);
          Ffmpeg.set(context, options);
        });
  }

  /**
   * Describes an encoder in a graphics card or in a media framework of the operating system.
   * Whether it is there, and what it accepts, shows only when it is opened.
   *
   * @param coarsest value of the quality option at quality 0
   * @param finest value of the quality option at quality 100
   * @param qualityOption takes a value between the two
   * @param options that the quality option needs
   */
  static VideoCodec hardware(
      String encoder,
      PixelLayout pixels,
      int coarsest,
      int finest,
      String qualityOption,
      Map<String, String> options) {
    return new VideoCodec(
        encoder,
        pixels,
        RateControl.INTER_HARDWARE,
        SizeLimit.none(),
        (context, settings) -> {
          if (settings.hasBitRate()) {
            context.bit_rate(settings.bitRate());
            return;
          }
          int quality = settings.between(coarsest, finest);
          if (qualityOption.equals(GLOBAL_QUALITY)) {
            context.global_quality(quality);
          } else {
            Ffmpeg.set(context, Map.of(qualityOption, Integer.toString(quality)));
          }
          Ffmpeg.set(context, options);
        });
  }

  /** Returns whether files become smaller at the price of precision. */
  boolean hasQuality() {
    return control != RateControl.LOSSLESS;
  }

  /** Returns whether files can be held to a bit rate. */
  boolean hasBitRate() {
    return control == RateControl.INTER || isHardware();
  }

  /** Returns whether frames refer to earlier ones, so that key frames among them matter. */
  boolean hasKeyFrames() {
    return hasBitRate();
  }

  boolean isHardware() {
    return control == RateControl.INTER_HARDWARE;
  }
}
