package io.t2v.ffmpeg;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The encoders that this library sets up, by FFmpeg's names.
 *
 * <p>Hardware encoders are taken only when they are asked for. Those that need frames in the memory
 * of a graphics card (VAAPI, Vulkan) are not among them.
 */
public enum VideoEncoder {
  /** H.264 in software, by Cisco's OpenH264. */
  LIBOPENH264(new OpenH264()),
  /** H.264 on NVIDIA's graphics cards. */
  H264_NVENC(new HardwareCodec("h264_nvenc", PixelLayout.YUV420, 51, 12, "qp", constantQp())),
  /** H.264 on Intel's graphics processors. */
  H264_QSV(
      new HardwareCodec(
          "h264_qsv", PixelLayout.NV12, 51, 12, HardwareCodec.GLOBAL_QUALITY, Map.of())),
  /** H.264 by macOS. */
  H264_VIDEOTOOLBOX(
      new HardwareCodec(
          "h264_videotoolbox", PixelLayout.YUV420, 1, 100, HardwareCodec.GLOBAL_QUALITY, Map.of())),
  /** H.264 by Windows' Media Foundation. */
  H264_MF(
      new HardwareCodec(
          "h264_mf", PixelLayout.NV12, 1, 100, "quality", Map.of("rate_control", "quality"))),
  /** AV1 in software, by SVT-AV1. */
  LIBSVTAV1(new SvtAv1()),
  /** AV1 on NVIDIA's graphics cards. */
  AV1_NVENC(new HardwareCodec("av1_nvenc", PixelLayout.YUV420, 255, 20, "qp", constantQp())),
  /** VP9 in software, by libvpx. */
  LIBVPX_VP9(new Vp9()),
  /** ProRes, for editing. */
  PRORES_KS(new ProRes()),
  /** FFV1, lossless. */
  FFV1(
      new LosslessCodec("ffv1", PixelLayout.BGR0, 32_767, Map.of("slicecrc", "1", "context", "1"))),
  /** GIF: 256 colors. */
  GIF(new LosslessCodec("gif", PixelLayout.PALETTE, 65_535, Map.of())),
  /** Animated WebP, by libwebp. */
  LIBWEBP_ANIM(new WebPCodec()),
  /** Animated PNG, lossless. */
  APNG(new LosslessCodec("apng", PixelLayout.RGB, 65_535, Map.of("pred", "mixed"))),
  /** PNG, lossless. */
  PNG(new LosslessCodec("png", PixelLayout.RGB, 65_535, Map.of("pred", "mixed")));

  private final VideoCodec codec;

  VideoEncoder(VideoCodec codec) {
    this.codec = codec;
  }

  private static Map<String, String> constantQp() {
    return Map.of("rc", "constqp");
  }

  VideoCodec codec() {
    return codec;
  }

  /**
   * Returns FFmpeg's name, such as {@code libopenh264}.
   *
   * @return the name
   */
  public String encoderName() {
    return codec.encoder();
  }

  /**
   * Tells whether this is an encoder outside the processor.
   *
   * @return true if it may be missing although FFmpeg's natives know of it
   */
  public boolean isHardware() {
    return codec instanceof HardwareCodec;
  }

  /**
   * Lists the encoders that FFmpeg's natives on the class path contain. Of the hardware ones this
   * does not say that their hardware is there.
   *
   * @return in the order of this enumeration
   * @throws VideoWriteException if the natives are missing
   */
  public static List<VideoEncoder> available() throws VideoWriteException {
    try {
      Ffmpeg.load();
    } catch (FfmpegException e) {
      throw new VideoWriteException(String.valueOf(e.getMessage()), e);
    }
    return Arrays.stream(values())
        .filter(encoder -> Ffmpeg.hasEncoder(encoder.encoderName()))
        .toList();
  }
}
