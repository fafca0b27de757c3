package io.t2v.checkpoint;

/** Thrown when a checkpoint's files are missing, malformed or contradict each other. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message the file, what was expected of it, what was found, and the cure
   */
  public CheckpointException(String message) {
    super(message);
  }

  /**
   * Creates an exception.
   *
   * @param message the file, what was expected of it, what was found, and the cure
   * @param cause what made it fail
   */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
