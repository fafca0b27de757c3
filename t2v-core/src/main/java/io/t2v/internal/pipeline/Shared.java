package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkState;

import java.util.List;

/**
 * One pipeline's share of a component that several may use: the component is closed with the last
 * share. Thread-safe.
 */
final class Shared<C> implements AutoCloseable {
  private final C component;
  private final Owned owned;
  private boolean closed;

  /** What is closed after the last share, and how many there are. */
  private static final class Owned {
    private final List<AutoCloseable> parts;
    private int shares;

    Owned(List<AutoCloseable> parts) {
      this.parts = parts;
    }
  }

  private Shared(C component, Owned owned) {
    this.component = component;
    this.owned = owned;
    owned.shares++;
  }

  /**
   * Makes the first share.
   *
   * @param parts closed with the last share, in this order; empty for a component of the caller
   */
  static <C> Shared<C> of(C component, List<AutoCloseable> parts) {
    return new Shared<>(component, new Owned(List.copyOf(parts)));
  }

  C get() {
    return component;
  }

  /**
   * Makes another share.
   *
   * @throws IllegalStateException if the last one is closed
   */
  Shared<C> share() {
    synchronized (owned) {
      checkState(owned.shares > 0, "this pipeline is closed");
      return new Shared<>(component, owned);
    }
  }

  /** Closes this share. Closing twice is harmless. */
  @Override
  public void close() {
    boolean last;
    synchronized (owned) {
      last = !closed && --owned.shares == 0;
      closed = true;
    }
    if (last) {
      PipelineComponents.closeAll(owned.parts);
    }
  }
}
