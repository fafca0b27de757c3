package io.t2v.ffmpeg;

/** The sides that an encoder takes. */
final class SizeLimit {
  private SizeLimit() {}

  static void check(String encoder, int width, int height, int min, int max)
      throws FfmpegException {
    if (Math.min(width, height) < min || Math.max(width, height) > max) {
      throw new FfmpegException(
          "the %s encoder takes no frames of %d×%d, only sides from %d to %d; scale the frames"
              .formatted(encoder, width, height, min, max));
    }
  }
}
