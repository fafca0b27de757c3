package io.t2v.ffmpeg;

import java.io.IOException;

/**
 * A file could not be made. The message says which file, what was tried, what FFmpeg or the file
 * system said, and, where there is one, the cure.
 *
 * <p>When a writer throws it, there is no partial file, and a file that was there before is
 * unchanged.
 */
public class VideoWriteException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what failed, why and the cure
   */
  public VideoWriteException(String message) {
    super(message);
  }

  /**
   * Makes an exception.
   *
   * @param message what failed, why and the cure
   * @param cause what was thrown first
   */
  public VideoWriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
