package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_display_rotation_get;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_side_data;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_DEFAULT;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;

/** Turns decoded frames into packed RGB of the Java heap, in the colours that they are labelled. */
final class PixelReader {
  private static final int FULL_RANGE = 1;
  private static final int LIMITED_RANGE = 0;
  private static final int NEUTRAL = 1 << 16;
  private static final int HIGH_DEFINITION = 720;

  private PixelReader() {}

  /**
   * Reads a frame the right way up.
   *
   * @param frame of any size and layout
   * @param target the size to make of it before it is turned
   */
  static Picture read(AVFrame frame, PictureSize target, ScalingFilter filter)
      throws FfmpegException {
    PictureSize source = new PictureSize(frame.width(), frame.height());
    SwsContext scaler =
        Ffmpeg.checkAllocated(
            sws_getContext(
                source.width(),
                source.height(),
                frame.format(),
                target.width(),
                target.height(),
                AV_PIX_FMT_RGB24,
                PixelConverter.flags(source.equals(target) ? ScalingFilter.BICUBIC : filter),
                null,
                null,
                (DoublePointer) null),
            "a colour converter");
    AVFrame rgb = null;
    try {
      // Fails for layouts that are RGB already, which is as well.
      sws_setColorspaceDetails(
          scaler,
          sws_getCoefficients(matrix(frame)),
          frame.color_range() == AVCOL_RANGE_JPEG ? FULL_RANGE : LIMITED_RANGE,
          sws_getCoefficients(AVCOL_SPC_BT709),
          FULL_RANGE,
          0,
          NEUTRAL,
          NEUTRAL);
      rgb = PixelConverter.frame(target, PixelLayout.RGB);
      Ffmpeg.check(sws_scale_frame(scaler, rgb, frame), "convert a frame's colours");
      return new Picture(target, pixels(rgb));
    } finally {
      if (rgb != null) {
        av_frame_free(rgb);
      }
      sws_freeContext(scaler);
    }
  }

  /** Unlabelled pictures are those of television: the old kind, or the high-definition kind. */
  private static int matrix(AVFrame frame) {
    if (frame.colorspace() == AVCOL_SPC_UNSPECIFIED) {
      return frame.height() >= HIGH_DEFINITION ? AVCOL_SPC_BT709 : SWS_CS_DEFAULT;
    }
    return frame.colorspace(); // swscale numbers them as the frames do
  }

  static byte[] pixels(AVFrame rgb) {
    int width = rgb.width();
    byte[] bytes = new byte[3 * width * rgb.height()];
    BytePointer data = rgb.data(0);
    for (int y = 0; y < rgb.height(); y++) {
      data.position((long) y * rgb.linesize(0)).get(bytes, 3 * width * y, 3 * width);
    }
    return bytes;
  }

  /** Returns the quarters of a turn, clockwise, that phones leave to the player. */
  static int quarterTurns(AVFrame frame) {
    AVFrameSideData matrix = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (matrix == null || matrix.isNull()) {
      return 0;
    }
    double counterclockwise = av_display_rotation_get(new IntPointer(matrix.data()));
    return Double.isNaN(counterclockwise)
        ? 0
        : Math.floorMod(Math.round(-counterclockwise / 90), 4);
  }
}
