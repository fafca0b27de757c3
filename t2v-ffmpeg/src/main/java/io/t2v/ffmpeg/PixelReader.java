package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCHROMA_LOC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_NCL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_RGB;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GBRP16LE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV444P16LE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_DEFAULT;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * Turns decoded frames into packed sRGB of the Java heap, from the colors that they are labelled
 * with, and scales them on the way: no picture of the full size is made in between.
 *
 * <p>Keeps its native converters from frame to frame; for one thread at a time.
 */
final class PixelReader implements AutoCloseable {
  private static final int HIGH_DEFINITION = 720;

  /**
   * Colours before their conversion to sRGB, precise enough for PQ. What is no RGB keeps its matrix
   * and its range: swscale's own conversion to 16 bits ends at 255/256 of white.
   */
  private static final PixelLayout WIDE_RGB = new PixelLayout(AV_PIX_FMT_GBRP16LE, true, false);

  private static final PixelLayout WIDE_YUV = new PixelLayout(AV_PIX_FMT_YUV444P16LE, false, false);

  private final ScalingFilter filter;
  private @Nullable Setup setup;
  private @Nullable Scaler scaler;
  private @Nullable FilterGraph toSrgb;

  /** What the converters were made for. */
  private record Setup(Scaler.Pixels from, Scaler.Pixels to, SourceColours colors) {}

  PixelReader(ScalingFilter filter) {
    this.filter = filter;
  }

  /** Reads one frame as {@link #read(AVFrame, PictureSize)} does. */
  static Picture read(AVFrame frame, PictureSize target, ScalingFilter filter)
      throws FfmpegException {
    try (PixelReader reader = new PixelReader(filter)) {
      return reader.read(frame, target);
    }
  }

  /**
   * Reads a frame, turned as it is stored.
   *
   * @param frame of any size and layout
   * @param target the size to make of it
   */
  Picture read(AVFrame frame, PictureSize target) throws FfmpegException {
    Scaler.Pixels from =
        new Scaler.Pixels(
            new PictureSize(frame.width(), frame.height()),
            frame.format(),
            matrix(frame),
            frame.color_range() == AVCOL_RANGE_JPEG,
            frame.chroma_location());
    SourceColours colors = SourceColours.of(frame);
    return new Picture(
        target,
        colors.areUsual()
            ? direct(frame, from, colors, target)
            : converted(frame, from, colors, target));
  }

  private byte[] direct(AVFrame frame, Scaler.Pixels from, SourceColours colors, PictureSize target)
      throws FfmpegException {
    Scaler.Pixels to = Scaler.Pixels.of(target, PixelLayout.RGB);
    AVFrame rgb = PixelConverter.frame(target, PixelLayout.RGB);
    try {
      scaler(new Setup(from, to, colors)).convert(frame, rgb);
      return pixels(rgb);
    } finally {
      av_frame_free(rgb);
    }
  }

  private Scaler scaler(Setup wanted) throws FfmpegException {
    Scaler ready = scaler;
    if (ready != null && wanted.equals(setup)) {
      return ready;
    }
    close();
    ready = new Scaler(wanted.from(), wanted.to(), filter);
    scaler = ready;
    setup = wanted;
    return ready;
  }

  private byte[] converted(
      AVFrame frame, Scaler.Pixels from, SourceColours colors, PictureSize target)
      throws FfmpegException {
    PixelLayout layout = from.isRgb() ? WIDE_RGB : WIDE_YUV;
    Scaler.Pixels to =
        new Scaler.Pixels(
            target,
            layout.format(),
            from.matrix(),
            from.isRgb() || from.isFullRange(),
            AVCHROMA_LOC_UNSPECIFIED);
    Scaler ready = scaler(new Setup(from, to, colors));
    AVFrame wide = PixelConverter.frame(target, layout);
    AVFrame converted = av_frame_alloc();
    try {
      wide.colorspace(from.isRgb() ? AVCOL_SPC_RGB : from.matrix());
      wide.color_range(to.isFullRange() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG);
      ready.convert(frame, wide);
      colors.label(wide);
      wide.pts(0);
      FilterGraph filters = toSrgb(wide, colors);
      filters.send(wide);
      if (!filters.receive(converted)) {
        throw new FfmpegException("FFmpeg's filters lost a frame while they converted its colors");
      }
      return pixels(converted);
    } finally {
      av_frame_free(wide);
      av_frame_free(converted);
    }
  }

  private FilterGraph toSrgb(AVFrame wide, SourceColours colors) throws FfmpegException {
    FilterGraph ready = toSrgb;
    if (ready == null) {
      ready =
          new FilterGraph(
              new FilterGraph.Input(
                  new PictureSize(wide.width(), wide.height()),
                  wide.format(),
                  wide.colorspace(),
                  wide.color_range()),
              colors.toSrgb());
      toSrgb = ready;
    }
    return ready;
  }

  /** Unlabelled pictures are those of television: the old kind, or the high-definition kind. */
  private static int matrix(AVFrame frame) {
    if (frame.colorspace() == AVCOL_SPC_UNSPECIFIED) {
      if (!SourceColours.of(frame).areUsual()) {
        return AVCOL_SPC_BT2020_NCL;
      }
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

  @Override
  public void close() {
    if (scaler != null) {
      scaler.close();
    }
    if (toSrgb != null) {
      toSrgb.close();
    }
    scaler = null;
    toSrgb = null;
    setup = null;
  }
}
