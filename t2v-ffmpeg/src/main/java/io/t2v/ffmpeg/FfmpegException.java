package io.t2v.ffmpeg;

/** FFmpeg refused something. Whoever knows the file adds its name to the message. */
final class FfmpegException extends Exception {
  private static final long serialVersionUID = 1L;

  FfmpegException(String message) {
    super(message);
  }

  FfmpegException(String message, Throwable cause) {
    super(message, cause);
  }
}
