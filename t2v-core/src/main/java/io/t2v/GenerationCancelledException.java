package io.t2v;

import java.util.concurrent.CancellationException;

/** A generation was stopped before its end. */
public final class GenerationCancelledException extends CancellationException {
  private static final long serialVersionUID = 1L;

  /**
   * Says why.
   *
   * @param message who stopped it, and when
   */
  public GenerationCancelledException(String message) {
    super(message);
  }
}
