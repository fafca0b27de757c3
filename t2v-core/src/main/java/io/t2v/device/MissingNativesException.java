package io.t2v.device;

/**
 * Native libraries are missing, or do not load on this machine. The message says which of the known
 * causes it is, and the cure: natives that are not on the class path or not root modules, a cache
 * that cannot be written or executed, denied native access, or a system that is too old.
 */
public final class MissingNativesException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong.
   *
   * @param message the library, the cause and the cure
   * @param cause what the loader threw
   */
  public MissingNativesException(String message, Throwable cause) {
    super(message, cause);
  }
}
