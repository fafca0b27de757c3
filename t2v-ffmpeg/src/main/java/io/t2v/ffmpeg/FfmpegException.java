package io.t2v.ffmpeg;

/** A step that one of FFmpeg's libraries refused; it does not know yet which file it was for. */
final class FfmpegException extends Exception {
  private static final long serialVersionUID = 1L;

  FfmpegException(String message) {
    super(message);
  }

  FfmpegException(String message, Throwable cause) {
    super(message, cause);
  }
}
