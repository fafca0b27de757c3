package io.t2v.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A hub's answer that may be another one a little later: too many requests, or a fault of its. */
final class PassingFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Duration> wait;

  PassingFailure(String message, Optional<Duration> wait) {
    super(message);
    this.wait = wait;
  }

  /** How long the hub asks to wait, if it does. */
  Optional<Duration> pause() {
    return wait;
  }
}
