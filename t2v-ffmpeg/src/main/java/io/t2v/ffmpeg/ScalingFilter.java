package io.t2v.ffmpeg;

import org.bytedeco.ffmpeg.global.swscale;

/** How pixels are made between pixels when a picture changes its size. */
public enum ScalingFilter {
  /** The nearest pixel: hard edges, for pixel art and miniature models. */
  NEAREST(swscale.SWS_POINT),
  /** Straight lines between pixels: soft. */
  BILINEAR(swscale.SWS_BILINEAR),
  /** Cubic curves. */
  BICUBIC(swscale.SWS_BICUBIC),
  /** A windowed sinc: the sharpest for photographs. The default. */
  LANCZOS(swscale.SWS_LANCZOS),
  /** The mean of what a pixel covers, for making pictures much smaller. */
  AREA(swscale.SWS_AREA),
  /** Natural cubic splines. */
  SPLINE(swscale.SWS_SPLINE);

  private final int flag;

  ScalingFilter(int flag) {
    this.flag = flag;
  }

  /** FFmpeg's {@code SWS_*}. */
  int flag() {
    return flag;
  }
}
