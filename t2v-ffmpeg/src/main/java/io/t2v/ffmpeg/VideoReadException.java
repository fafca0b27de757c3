package io.t2v.ffmpeg;

import java.io.IOException;

/**
 * A file could not be read as a video. The message says which file, what was wrong with it, and,
 * where there is one, the cure.
 */
public class VideoReadException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what failed, why and the cure
   */
  public VideoReadException(String message) {
    super(message);
  }

  /**
   * Makes an exception.
   *
   * @param message what failed, why and the cure
   * @param cause what was thrown first
   */
  public VideoReadException(String message, Throwable cause) {
    super(message, cause);
  }
}
