package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avutil.av_display_rotation_get;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_side_data;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_DEFAULT;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/** Turns decoded frames into packed RGB of the Java heap, in the colors that they are labelled. */
final class PixelReader {
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
    Scaler.Pixels from =
        new Scaler.Pixels(
            source,
            frame.format(),
            matrix(frame),
            frame.color_range() == AVCOL_RANGE_JPEG,
            frame.chroma_location());
    AVFrame rgb = PixelConverter.frame(target, PixelLayout.RGB);
    try (Scaler scaler = new Scaler(from, Scaler.Pixels.of(target, PixelLayout.RGB), filter)) {
      scaler.convert(frame, rgb);
      return new Picture(target, pixels(rgb));
    } finally {
      av_frame_free(rgb);
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
