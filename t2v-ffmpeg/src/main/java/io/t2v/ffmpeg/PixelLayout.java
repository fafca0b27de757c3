package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCHROMA_LOC_LEFT;
import static org.bytedeco.ffmpeg.global.avutil.AVCHROMA_LOC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_RGB;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_IEC61966_2_1;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR0;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGRA;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_NV12;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_PAL8;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV422P10LE;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * How pixels are laid out in memory, and in which color space: BT.709 with limited range for YUV,
 * sRGB with full range for RGB. Frames and encoders are labelled with it.
 *
 * @param format one of FFmpeg's {@code AV_PIX_FMT_*}
 * @param isRgb whether a pixel is red, green and blue, or a palette entry of them
 * @param needsEvenSize whether chroma planes are halved, so that odd sizes have to be padded
 */
record PixelLayout(int format, boolean isRgb, boolean needsEvenSize) {
  /** The only one that every browser and hardware decoder shows. */
  static final PixelLayout YUV420 = new PixelLayout(AV_PIX_FMT_YUV420P, false, true);

  /** The same for hardware encoders: both color planes in one. */
  static final PixelLayout NV12 = new PixelLayout(AV_PIX_FMT_NV12, false, true);

  /** Ten bits and full height of color, for editing. */
  static final PixelLayout YUV422_TEN_BITS = new PixelLayout(AV_PIX_FMT_YUV422P10LE, false, true);

  /** Numbers of up to 256 colors. */
  static final PixelLayout PALETTE = new PixelLayout(AV_PIX_FMT_PAL8, true, false);

  static final PixelLayout RGB = new PixelLayout(AV_PIX_FMT_RGB24, true, false);
  static final PixelLayout BGR0 = new PixelLayout(AV_PIX_FMT_BGR0, true, false);
  static final PixelLayout BGRA = new PixelLayout(AV_PIX_FMT_BGRA, true, false);

  /** Returns whether the colors of a palette have to be chosen once all frames are known. */
  boolean hasPalette() {
    return format == AV_PIX_FMT_PAL8;
  }

  /** Returns the size to which a side is padded. */
  int padded(int side) {
    return needsEvenSize ? side + (side & 1) : side;
  }

  int colorspace() {
    return isRgb ? AVCOL_SPC_RGB : AVCOL_SPC_BT709;
  }

  int range() {
    return isRgb ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  }

  private int transfer() {
    return isRgb ? AVCOL_TRC_IEC61966_2_1 : AVCOL_TRC_BT709;
  }

  int chromaLocation() {
    return isRgb ? AVCHROMA_LOC_UNSPECIFIED : AVCHROMA_LOC_LEFT;
  }

  /** Labels a frame. */
  void describe(AVFrame frame) {
    frame.colorspace(colorspace());
    frame.color_primaries(AVCOL_PRI_BT709);
    frame.color_trc(transfer());
    frame.color_range(range());
    frame.chroma_location(chromaLocation());
  }

  /** Labels what an encoder makes. */
  void describe(AVCodecContext codec) {
    codec.pix_fmt(format);
    codec.colorspace(colorspace());
    codec.color_primaries(AVCOL_PRI_BT709);
    codec.color_trc(transfer());
    codec.color_range(range());
    codec.chroma_sample_location(chromaLocation());
  }
}
