package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCHROMA_LOC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GBRP16LE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_DEFAULT;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * Turns decoded frames into packed sRGB of the Java heap, from the colours that they are labelled
 * with, and scales them on the way: no picture of the full size is made in between.
 *
 * <p>Keeps its native converters from frame to frame; for one thread at a time.
 */
final class PixelReader implements AutoCloseable {
  private static final int HIGH_DEFINITION = 720;

  /** Red, green and blue before their conversion to sRGB: precise enough for PQ. */
  private static final PixelLayout WIDE_RGB = new PixelLayout(AV_PIX_FMT_GBRP16LE, true, false);

  private final ScalingFilter filter;
  private @Nullable Setup setup;
  private @Nullable Scaler scaler;
  private @Nullable FilterGraph toSrgb;

  /** What the converters were made for. */
  private record Setup(Scaler.Pixels from, Scaler.Pixels to, SourceColours colours) {}

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
    SourceColours colours = SourceColours.of(frame);
    PixelLayout layout = colours.areUsual() ? PixelLayout.RGB : WIDE_RGB;
    Scaler.Pixels to =
        new Scaler.Pixels(
            target, layout.format(), AVCOL_SPC_BT709, true, AVCHROMA_LOC_UNSPECIFIED);
    Scaler ready = scaler(new Setup(from, to, colours));
    AVFrame rgb = PixelConverter.frame(target, layout);
    try {
      ready.convert(frame, rgb);
      return new Picture(target, colours.areUsual() ? pixels(rgb) : sRgb(rgb, colours));
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

  private byte[] sRgb(AVFrame wide, SourceColours colours) throws FfmpegException {
    FilterGraph ready = toSrgb;
    if (ready == null) {
      PictureSize size = new PictureSize(wide.width(), wide.height());
      ready =
          new FilterGraph(
              new FilterGraph.Input(size, WIDE_RGB), colours.toSrgb());
      toSrgb = ready;
    }
    AVFrame converted = Ffmpeg.checkAllocated(av_frame_alloc(), "a frame");
    try {
      colours.label(wide);
      wide.pts(0);
      ready.send(wide);
      if (!ready.receive(converted)) {
        throw new FfmpegException("FFmpeg's filters lost a frame while they converted its colours");
      }
      return pixels(converted);
    } finally {
      av_frame_free(converted);
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
