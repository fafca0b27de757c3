package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * Converts packed RGB on the Java heap to frames for an encoder: scales them, changes their pixel
 * layout, and pads them to even sizes where the layout needs it, by repeating the last column and
 * row.
 *
 * <p>Owns two native frames that are used again for each picture; for one thread at a time.
 */
final class PixelConverter implements AutoCloseable {

  private final PictureSize size;
  private final AVFrame rgb;
  private final AVFrame converted;
  private final Scaler scaler;
  private final byte[] row;

  /**
   * Makes a converter.
   *
   * @param size of the pictures to convert
   * @param target size of the frames to make. One that is larger by a single column or row is made
   *     by padding, others by scaling
   * @param layout of the frames to make
   * @param filter for scaling
   */
  PixelConverter(PictureSize size, PictureSize target, PixelLayout layout, ScalingFilter filter)
      throws FfmpegException {
    this.size = size;
    PictureSize source = target.isPaddingOf(size) ? target : size;
    this.row = new byte[3 * source.width()];
    AVFrame from = null;
    AVFrame to = null;
    Scaler context = null;
    try {
      from = frame(source, PixelLayout.RGB);
      to = frame(target, layout);
      context =
          new Scaler(
              Scaler.Pixels.of(source, PixelLayout.RGB), Scaler.Pixels.of(target, layout), filter);
    } catch (FfmpegException | RuntimeException | Error e) {
      free(from, to, context);
      throw e;
    }
    this.rgb = from;
    this.converted = to;
    this.scaler = context;
  }

  /** Makes a frame with room for its pixels. */
  static AVFrame frame(PictureSize size, PixelLayout layout) throws FfmpegException {
    AVFrame frame = Ffmpeg.checkAllocated(av_frame_alloc(), "a frame");
    try {
      frame.width(size.width());
      frame.height(size.height());
      frame.format(layout.format());
      layout.describe(frame);
      Ffmpeg.check(av_frame_get_buffer(frame, 0), "make a frame of " + size);
      return frame;
    } catch (FfmpegException | RuntimeException | Error e) {
      av_frame_free(frame);
      throw e;
    }
  }

  /**
   * Converts one picture.
   *
   * @param picture {@code height × width × 3} bytes: red, green, blue
   * @return the converter's own frame, valid until the next call
   */
  AVFrame convert(byte[] picture) throws FfmpegException {
    copy(picture);
    // The encoder may still hold a reference to the last one.
    Ffmpeg.check(av_frame_make_writable(converted), "make a frame writable");
    scaler.convert(rgb, converted);
    return converted;
  }

  private void copy(byte[] picture) throws FfmpegException {
    Ffmpeg.check(av_frame_make_writable(rgb), "make a frame writable");
    BytePointer pixels = rgb.data(0);
    int stride = rgb.linesize(0);
    int rowBytes = 3 * size.width();
    for (int y = 0; y < rgb.height(); y++) {
      int from = Math.min(y, size.height() - 1) * rowBytes;
      System.arraycopy(picture, from, row, 0, rowBytes);
      if (row.length > rowBytes) {
        System.arraycopy(picture, from + rowBytes - 3, row, rowBytes, 3);
      }
      pixels.position((long) y * stride).put(row, 0, row.length);
    }
  }

  @Override
  public void close() {
    free(rgb, converted, scaler);
  }

  private static void free(
      @Nullable AVFrame source, @Nullable AVFrame target, @Nullable Scaler context) {
    if (source != null) {
      av_frame_free(source);
    }
    if (target != null) {
      av_frame_free(target);
    }
    if (context != null) {
      context.close();
    }
  }
}
