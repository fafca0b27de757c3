package io.t2v.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The hub answered with a status that may pass: too many requests, or an error of its own. */
final class TransientException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Duration> retryAfter;

  TransientException(String message, Optional<Duration> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** How long the hub asks to wait, if it does. */
  Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
