package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT2020;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_SMPTE431;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_SMPTE432;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_ARIB_STD_B67;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_IEC61966_2_1;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_SMPTE2084;
import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_CONTENT_LIGHT_LEVEL;
import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_MASTERING_DISPLAY_METADATA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_side_data;

import java.util.Locale;
import org.bytedeco.ffmpeg.avutil.AVContentLightMetadata;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.avutil.AVMasteringDisplayMetadata;

/**
 * What the red, green and blue of a file stand for, and how they become those of sRGB.
 *
 * <p>High dynamic range, PQ or HLG, is tone-mapped: the white of paper, 203 cd/m² (Report ITU-R
 * BT.2408), becomes nearly the brightest white, and what is brighter is pressed into the rest. The
 * curve is FFmpeg's {@code mobius}, the same for the brightest of the three channels and thus
 * without a change of hue: light up to 80 % of that white stays as it is, and from there to the
 * peak a hyperbola continues with the same slope and ends at 1.
 *
 * <p>The wide gamuts of BT.2020, Display P3 and DCI-P3 are converted as linear light; colors that
 * sRGB lacks are cut off.
 *
 * @param transfer one of FFmpeg's {@code AVCOL_TRC_*}
 * @param primaries one of FFmpeg's {@code AVCOL_PRI_*}
 * @param peak the brightest light in cd/m², for PQ and HLG
 */
record SourceColours(int transfer, int primaries, double peak) {
  private static final double PAPER_WHITE = 203;
  private static final double USUAL_PEAK = 1000; // HLG's own, and what most PQ is mastered for
  private static final double MAX_PEAK = 10_000;
  private static final double UNCHANGED = 0.8;

  /** Returns the colors that a frame is labelled with. */
  static SourceColours of(AVFrame frame) {
    int transfer = frame.color_trc();
    boolean isHdr = isHdr(transfer);
    int primaries = frame.color_primaries();
    if (isHdr && primaries == AVCOL_PRI_UNSPECIFIED) {
      primaries = AVCOL_PRI_BT2020;
    }
    int known =
        isHdr || transfer == AVCOL_TRC_IEC61966_2_1 ? transfer : /* television */ AVCOL_TRC_BT709;
    return new SourceColours(
        known, primaries, transfer == AVCOL_TRC_SMPTE2084 ? pqPeak(frame) : USUAL_PEAK);
  }

  private static boolean isHdr(int transfer) {
    return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
  }

  /** The brightest pixel, or what the display could show on which the video was graded. */
  private static double pqPeak(AVFrame frame) {
    double peak = 0;
    AVFrameSideData light = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
    if (light != null && !light.isNull()) {
      peak = new AVContentLightMetadata(light.data()).MaxCLL();
    }
    AVFrameSideData display =
        av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
    if (peak <= 0 && display != null && !display.isNull()) {
      AVMasteringDisplayMetadata metadata = new AVMasteringDisplayMetadata(display.data());
      peak =
          metadata.has_luminance() != 0 && metadata.max_luminance().den() != 0
              ? (double) metadata.max_luminance().num() / metadata.max_luminance().den()
              : 0;
    }
    return peak > 0 ? Math.max(PAPER_WHITE, Math.min(MAX_PEAK, peak)) : USUAL_PEAK;
  }

  /** Tells whether these are sRGB's, or so near that nobody converts them. */
  boolean areUsual() {
    return !isHdr(transfer)
        && primaries != AVCOL_PRI_BT2020
        && primaries != AVCOL_PRI_SMPTE431
        && primaries != AVCOL_PRI_SMPTE432;
  }

  /** Labels a frame whose pixels are red, green and blue of these colors. */
  void label(AVFrame frame) {
    frame.color_trc(transfer);
    frame.color_primaries(primaries);
  }

  /**
   * Returns the chain of filters that converts pixels of these colors to sRGB. Without approximate
   * gammas, for which the filter would take HLG's system gamma for one of each channel.
   */
  String toSrgb() {
    boolean isHdr = isHdr(transfer);
    double peak = this.peak / PAPER_WHITE;
    String toneMapping =
        isHdr && peak > 1
            ? String.format(
                Locale.ROOT, "tonemap=mobius:param=%.3f:desat=0:peak=%.6f,", UNCHANGED, peak)
            : "";
    return String.format(
        Locale.ROOT,
        "zscale=transfer=linear:npl=%.0f:agamma=0,format=gbrpf32le,zscale=primaries=bt709,%s"
            + "zscale=transfer=%s:range=full:agamma=0,format=gbrp,format=rgb24",
        PAPER_WHITE,
        toneMapping,
        isHdr || transfer == AVCOL_TRC_IEC61966_2_1 ? "iec61966-2-1" : "bt709");
  }
}
