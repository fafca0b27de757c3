package io.t2v.cli;

/** A command cannot do what it was asked to; the message tells the user why, and what to do. */
final class FailureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FailureException(String message) {
    super(message);
  }

  FailureException(String message, Throwable cause) {
    super(message, cause);
  }
}
