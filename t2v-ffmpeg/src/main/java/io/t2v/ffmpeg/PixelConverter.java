package io.t2v.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCHROMA_LOC_LEFT;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_RGB;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INP;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INT;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/**
 * Turns packed RGB of the Java heap into frames as an encoder wants them: BT.709 with limited
 * range, and an even size, to which the last column and row are repeated where needed.
 *
 * <p>Owns two native frames that are used again for each picture; for one thread at a time.
 */
final class PixelConverter implements AutoCloseable {
  private static final int FULL_RANGE = 1;
  private static final int LIMITED_RANGE = 0;
  private static final int NEUTRAL = 1 << 16; // 1.0 in 16.16 fixed point

  private final int width;
  private final int height;
  private final AVFrame rgb;
  private final AVFrame converted;
  private final SwsContext scaler;
  private final byte[] row;

  /**
   * Makes a converter.
   *
   * @param width of the pictures
   * @param height of the pictures
   * @param pixelFormat of the frames to make, one of FFmpeg's {@code AV_PIX_FMT_*}
   */
  PixelConverter(int width, int height, int pixelFormat) throws FfmpegException {
    this.width = width;
    this.height = height;
    int evenWidth = even(width);
    int evenHeight = even(height);
    this.row = new byte[3 * evenWidth];
    AVFrame source = null;
    AVFrame target = null;
    SwsContext context = null;
    try {
      source = frame(evenWidth, evenHeight, AV_PIX_FMT_RGB24);
      source.colorspace(AVCOL_SPC_RGB);
      source.color_range(AVCOL_RANGE_JPEG);
      target = frame(evenWidth, evenHeight, pixelFormat);
      target.colorspace(AVCOL_SPC_BT709);
      target.color_primaries(AVCOL_PRI_BT709);
      target.color_trc(AVCOL_TRC_BT709);
      target.color_range(AVCOL_RANGE_MPEG);
      target.chroma_location(AVCHROMA_LOC_LEFT);
      context = scaler(evenWidth, evenHeight, pixelFormat);
    } catch (FfmpegException | RuntimeException | Error e) {
      free(source, target, context);
      throw e;
    }
    this.rgb = source;
    this.converted = target;
    this.scaler = context;
  }

  /** Returns the size to which a side is padded: files with halved colour planes need even ones. */
  static int even(int side) {
    return side + (side & 1);
  }

  /** Tells an encoder which colours {@link #convert} makes. */
  static void describeColours(AVCodecContext codec) {
    codec.colorspace(AVCOL_SPC_BT709);
    codec.color_primaries(AVCOL_PRI_BT709);
    codec.color_trc(AVCOL_TRC_BT709);
    codec.color_range(AVCOL_RANGE_MPEG);
    codec.chroma_sample_location(AVCHROMA_LOC_LEFT);
  }

  private static AVFrame frame(int width, int height, int pixelFormat) throws FfmpegException {
    AVFrame frame = Ffmpeg.checkAllocated(av_frame_alloc(), "a frame");
    try {
      frame.width(width);
      frame.height(height);
      frame.format(pixelFormat);
      Ffmpeg.check(av_frame_get_buffer(frame, 0), "make a frame of " + width + "×" + height);
      return frame;
    } catch (FfmpegException | RuntimeException | Error e) {
      av_frame_free(frame);
      throw e;
    }
  }

  private static SwsContext scaler(int width, int height, int pixelFormat) throws FfmpegException {
    SwsContext context =
        Ffmpeg.checkAllocated(
            sws_getContext(
                width,
                height,
                AV_PIX_FMT_RGB24,
                width,
                height,
                pixelFormat,
                SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT,
                null,
                null,
                (DoublePointer) null),
            "a colour converter");
    // Without this, the conversion is that of standard-definition television, BT.601.
    IntPointer bt709 = sws_getCoefficients(SWS_CS_ITU709);
    int result =
        sws_setColorspaceDetails(
            context, bt709, FULL_RANGE, bt709, LIMITED_RANGE, 0, NEUTRAL, NEUTRAL);
    if (result < 0) {
      sws_freeContext(context);
      throw new FfmpegException("could not set the colour conversion to BT.709");
    }
    return context;
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
    int rowBytes = 3 * width;
    for (int y = 0; y < rgb.height(); y++) {
      int from = Math.min(y, height - 1) * rowBytes;
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
