package io.t2v.gpucheck;

/** A check cannot run here; the message says what it lacks. */
final class NotRunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotRunException(String message) {
    super(message);
  }
}
