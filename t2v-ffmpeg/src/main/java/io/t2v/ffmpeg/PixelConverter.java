package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INP;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INT;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/**
 * Turns packed RGB of the Java heap into frames as an encoder wants them: scaled, in its layout,
 * and padded where that needs even sizes, by repeating the last column and row.
 *
 * <p>Owns two native frames that are used again for each picture; for one thread at a time.
 */
final class PixelConverter implements AutoCloseable {
  private static final int FULL_RANGE = 1;
  private static final int LIMITED_RANGE = 0;
  private static final int NEUTRAL = 1 << 16; // 1.0 in 16.16 fixed point

  private final PictureSize size;
  private final AVFrame rgb;
  private final AVFrame converted;
  private final SwsContext scaler;
  private final byte[] row;

  /**
   * Makes a converter.
   *
   * @param size of the pictures that come
   * @param target size of the frames to make. One that is larger by a single column or row is made
   *     by padding, others by scaling
   * @param layout of the frames to make
   * @param filter with which pictures are scaled
   */
  PixelConverter(PictureSize size, PictureSize target, PixelLayout layout, ScalingFilter filter)
      throws FfmpegException {
    this.size = size;
    PictureSize source = target.isPaddingOf(size) ? target : size;
    this.row = new byte[3 * source.width()];
    AVFrame from = null;
    AVFrame to = null;
    SwsContext context = null;
    try {
      from = frame(source, PixelLayout.RGB);
      to = frame(target, layout);
      context = scaler(source, target, layout, filter);
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

  private static SwsContext scaler(
      PictureSize source, PictureSize target, PixelLayout layout, ScalingFilter filter)
      throws FfmpegException {
    SwsContext context =
        Ffmpeg.checkAllocated(
            sws_getContext(
                source.width(),
                source.height(),
                AV_PIX_FMT_RGB24,
                target.width(),
                target.height(),
                layout.format(),
                flags(source.equals(target) ? ScalingFilter.BICUBIC : filter),
                null,
                null,
                (DoublePointer) null),
            "a colour converter");
    if (!layout.isRgb()) {
      // Without this, the conversion is that of standard-definition television, BT.601.
      IntPointer bt709 = sws_getCoefficients(SWS_CS_ITU709);
      int result =
          sws_setColorspaceDetails(
              context, bt709, FULL_RANGE, bt709, LIMITED_RANGE, 0, NEUTRAL, NEUTRAL);
      if (result < 0) {
        sws_freeContext(context);
        throw new FfmpegException("could not set the colour conversion to BT.709");
      }
    }
    return context;
  }

  /** Precise rather than fast, with colour at full resolution. */
  static int flags(ScalingFilter filter) {
    return filter.flag() | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT;
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
    Ffmpeg.check(sws_scale_frame(scaler, converted, rgb), "convert a frame's colours");
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
      @Nullable AVFrame source, @Nullable AVFrame target, @Nullable SwsContext context) {
    if (source != null) {
      av_frame_free(source);
    }
    if (target != null) {
      av_frame_free(target);
    }
    if (context != null) {
      sws_freeContext(context);
    }
  }
}
