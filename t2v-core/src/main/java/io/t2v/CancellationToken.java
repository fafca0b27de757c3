package io.t2v;

/**
 * Lets another thread stop a generation: it ends within one block of the network, frees what it
 * holds, and throws {@link GenerationCancelledException}. Thread-safe; one token may serve many
 * generations. Interrupting the thread that waits for the generation has the same effect.
 */
public final class CancellationToken {
  private volatile boolean cancelled;

  /** Makes a token that is not cancelled. */
  public CancellationToken() {}

  /** Stops every generation that holds this token, now and later. */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Tells whether {@link #cancel} was called.
   *
   * @return true from then on
   */
  public boolean isCancelled() {
    return cancelled;
  }
}
