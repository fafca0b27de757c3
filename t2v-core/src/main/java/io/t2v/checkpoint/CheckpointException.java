package io.t2v.checkpoint;

import org.jspecify.annotations.Nullable;

/** A checkpoint is missing, damaged, or not of a kind that this library reads. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong.
   *
   * @param message names the file, what was found, what was expected, and the cure
   */
  public CheckpointException(String message) {
    super(message);
  }

  /**
   * Says what is wrong, and why.
   *
   * @param message names the file, what was found, what was expected, and the cure
   * @param cause what was thrown, or null
   */
  public CheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
