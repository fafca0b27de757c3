package io.t2v.ffmpeg;

/**
 * The frame sizes that an encoder accepts.
 *
 * @param encoder its name in messages
 * @param min smallest width and height, in pixels
 * @param max largest width and height, in pixels
 * @param maxMacroblocks how many blocks of 16×16 pixels a frame may have
 */
record SizeLimit(String encoder, int min, int max, long maxMacroblocks) {
  /** What FFmpeg itself takes, with any encoder: (width + 128) × (height + 128) is below it. */
  private static final long MAX_AREA = 1L << 28;

  private static final int EDGES = 128;

  static SizeLimit none() {
    return ofSides("", 1, Integer.MAX_VALUE);
  }

  static SizeLimit ofSides(String encoder, int min, int max) {
    return new SizeLimit(encoder, min, max, Long.MAX_VALUE);
  }

  /**
   * Checks a size.
   *
   * @param size of the frames, after padding
   * @throws FfmpegException that names the limits
   */
  void check(PictureSize size) throws FfmpegException {
    if (Math.min(size.width(), size.height()) < min
        || Math.max(size.width(), size.height()) > max
        || blocks(size.width()) * blocks(size.height()) > maxMacroblocks) {
      throw new FfmpegException(
          "the %s encoder takes no frames of %s, only sides from %s to %s%s; scale the frames"
              .formatted(encoder, size, min, max, area()));
    }
    if ((size.width() + (long) EDGES) * (size.height() + (long) EDGES) >= MAX_AREA) {
      throw new FfmpegException(
          "FFmpeg takes no frames of %s, only sides up to such as 16255×16255 or 30000×8781; scale"
                  .formatted(size)
              + " the frames");
    }
  }

  private String area() {
    return maxMacroblocks == Long.MAX_VALUE
        ? ""
        : " and at most %s blocks of 16×16, such as 4096×2304".formatted(maxMacroblocks);
  }

  private static long blocks(int side) {
    return (side + 15L) / 16;
  }
}
