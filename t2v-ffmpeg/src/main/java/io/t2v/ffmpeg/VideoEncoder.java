package io.t2v.ffmpeg;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The encoders that this library supports, by FFmpeg's names.
 *
 * <p>Hardware encoders are used only when they are asked for. Those that need frames in the memory
 * of a graphics card (VAAPI, Vulkan) are not supported.
 */
public enum VideoEncoder {
  /** H.264 in software, by Cisco's OpenH264. */
  LIBOPENH264(OpenH264.CODEC),
  /** H.264 on NVIDIA's graphics cards. */
  H264_NVENC(VideoCodec.hardware("h264_nvenc", PixelLayout.YUV420, 51, 12, "qp", constantQp())),
  /** H.264 on Intel's graphics processors. */
  H264_QSV(
      VideoCodec.hardware(
          "h264_qsv", PixelLayout.NV12, 51, 12, VideoCodec.GLOBAL_QUALITY, Map.of())),
  /** H.264 by macOS. */
  H264_VIDEOTOOLBOX(
      VideoCodec.hardware(
          "h264_videotoolbox", PixelLayout.YUV420, 1, 100, VideoCodec.GLOBAL_QUALITY, Map.of())),
  /** H.264 by Windows' Media Foundation. */
  H264_MF(
      VideoCodec.hardware(
          "h264_mf", PixelLayout.NV12, 1, 100, "quality", Map.of("rate_control", "quality"))),
  /** AV1 in software, by SVT-AV1. */
  LIBSVTAV1(SvtAv1.CODEC),
  /** AV1 on NVIDIA's graphics cards. */
  AV1_NVENC(VideoCodec.hardware("av1_nvenc", PixelLayout.YUV420, 255, 20, "qp", constantQp())),
  /** VP9 in software, by libvpx. */
  LIBVPX_VP9(Vp9.CODEC),
  /** ProRes, for editing. */
  PRORES_KS(ProRes.CODEC),
  /** FFV1, lossless. */
  FFV1(
      VideoCodec.lossless(
          "ffv1", PixelLayout.BGR0, 32_767, Map.of("slicecrc", "1", "context", "1"))),
  /** GIF: 256 colors. */
  GIF(VideoCodec.lossless("gif", PixelLayout.PALETTE, 65_535, Map.of())),
  /** Animated WebP, by libwebp. */
  LIBWEBP(WebP.CODEC),
  /** Animated PNG, lossless. */
  APNG(VideoCodec.lossless("apng", PixelLayout.RGB, 65_535, Map.of("pred", "mixed"))),
  /** PNG, lossless. */
  PNG(VideoCodec.lossless("png", PixelLayout.RGB, 65_535, Map.of("pred", "mixed")));

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
   * Returns whether this encoder runs on hardware of its own, such as a graphics card.
   *
   * @return true if the hardware may be missing although FFmpeg's natives contain the encoder
   */
  public boolean isHardware() {
    return codec.isHardware();
  }

  /**
   * Lists the encoders that FFmpeg's natives on the class path contain. Of the hardware ones this
   * does not say that their hardware is there.
   *
   * @return in the order of this enumeration
   * @throws VideoWriteException if the natives are missing
   */
  public static List<VideoEncoder> available() throws VideoWriteException {
    return WriteStep.run(
        "cannot list the encoders",
        () -> {
          Ffmpeg.load();
          return Arrays.stream(values())
              .filter(encoder -> Ffmpeg.hasEncoder(encoder.encoderName()))
              .toList();
        });
  }
}
