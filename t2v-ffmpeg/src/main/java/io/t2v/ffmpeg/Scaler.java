package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCHROMA_LOC_CENTER;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_PAL;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_RGB;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INP;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INT;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_init_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;

/**
 * FFmpeg's conversion of sizes, layouts and colors, precise rather than fast. Owns native memory;
 * for one thread at a time.
 */
final class Scaler implements AutoCloseable {
  private static final int NEUTRAL = 1 << 16; // 1.0 in 16.16 fixed point
  private static final int LEFT = 0; // in 1/256 of a pixel
  private static final int CENTRE = 128;
  private static final int NOT_HALVED = -513;

  private final SwsContext context;

  /**
   * What pixels mean.
   *
   * @param size width and height
   * @param format one of FFmpeg's {@code AV_PIX_FMT_*}
   * @param matrix one of FFmpeg's {@code SWS_CS_*}, which number as {@code AVCOL_SPC_*} do
   * @param isFullRange whether black is 0, not 16
   * @param chromaLocation where halved colors are, one of {@code AVCHROMA_LOC_*}
   */
  record Pixels(PictureSize size, int format, int matrix, boolean isFullRange, int chromaLocation) {
    static Pixels of(PictureSize size, PixelLayout layout) {
      return new Pixels(
          size, layout.format(), SWS_CS_ITU709, layout.isRgb(), layout.chromaLocation());
    }

    /** Unless they are said to be in the middle, they are where H.264 and its kin put them. */
    private int horizontal() {
      if (av_pix_fmt_desc_get(format).log2_chroma_w() == 0) {
        return NOT_HALVED;
      }
      return chromaLocation == AVCHROMA_LOC_CENTER ? CENTRE : LEFT;
    }

    boolean isRgb() {
      return (av_pix_fmt_desc_get(format).flags() & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL))
          != 0;
    }

    private int vertical() {
      return av_pix_fmt_desc_get(format).log2_chroma_h() == 0 ? NOT_HALVED : CENTRE;
    }
  }

  /**
   * Prepares.
   *
   * @param filter for scaling; colors are halved and doubled with the sharpest in any case
   */
  Scaler(Pixels from, Pixels to, ScalingFilter filter) throws FfmpegException {
    boolean scales = !from.size().equals(to.size());
    int flag = (scales ? filter : ScalingFilter.LANCZOS).flag();
    context = Ffmpeg.checkAllocated(sws_alloc_context(), "a color converter");
    try {
      context.flags(flag | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT);
      context.src_w(from.size().width()).src_h(from.size().height()).src_format(from.format());
      context.dst_w(to.size().width()).dst_h(to.size().height()).dst_format(to.format());
      context.src_h_chr_pos(from.horizontal()).src_v_chr_pos(from.vertical());
      context.dst_h_chr_pos(to.horizontal()).dst_v_chr_pos(to.vertical());
      Ffmpeg.check(
          sws_init_context(context, (SwsFilter) null, (SwsFilter) null),
          "convert pictures of " + from.size() + " to " + to.size());
      if (!from.isRgb() || !to.isRgb()) {
        setColours(from, to);
      }
    } catch (FfmpegException | RuntimeException | Error e) {
      sws_freeContext(context);
      throw e;
    }
  }

  /**
   * Without this, conversion is that of standard-definition television, BT.601. Scaling from RGB to
   * RGB is left alone: there FFmpeg would mix the two, and colors would come out dull.
   */
  private void setColours(Pixels from, Pixels to) throws FfmpegException {
    Ffmpeg.check(
        sws_setColorspaceDetails(
            context,
            sws_getCoefficients(from.matrix()),
            from.isFullRange() ? 1 : 0,
            sws_getCoefficients(to.matrix()),
            to.isFullRange() ? 1 : 0,
            0,
            NEUTRAL,
            NEUTRAL),
        "set the conversion of colors");
  }

  void convert(AVFrame from, AVFrame to) throws FfmpegException {
    Ffmpeg.check(sws_scale_frame(context, to, from), "convert a frame's colors");
  }

  @Override
  public void close() {
    sws_freeContext(context);
  }
}
