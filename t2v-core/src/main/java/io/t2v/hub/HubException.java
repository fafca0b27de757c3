package io.t2v.hub;

import org.jspecify.annotations.Nullable;

/**
 * A model could not be found, downloaded or stored: it does not exist, access is refused, the hub
 * is unreachable or too slow, a file arrived damaged, or the disk is full. What had arrived of a
 * large file stays in the cache, and the next download resumes it.
 */
public class HubException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong.
   *
   * @param message names the model, what was found, what was expected, and the cure
   */
  public HubException(String message) {
    this(message, null);
  }

  /**
   * Says what is wrong, and why.
   *
   * @param message names the model, what was found, what was expected, and the cure
   * @param cause what was thrown, or null
   */
  public HubException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The hub gave no final response, so that the model may be taken from the cache. */
  static final class Unreachable extends HubException {
    private static final long serialVersionUID = 1L;

    Unreachable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
