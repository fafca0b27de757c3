package io.t2v;

import io.t2v.offload.MemoryPlan;

/**
 * A generation was not started because it would not fit into memory. Or it was started and ran out
 * of memory all the same, as when another process took some meanwhile; then there is a cause. The
 * message says what the generation takes, what is available, and the cheapest change that would
 * make it fit. The pipeline stays usable.
 */
public final class InsufficientMemoryException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final transient MemoryPlan plan;

  InsufficientMemoryException(MemoryPlan plan) {
    super("This generation does not fit into memory: " + plan);
    this.plan = plan;
  }

  /** text: what libtorch says; plan: of the moment after. */
  InsufficientMemoryException(String text, MemoryPlan plan, Throwable cause) {
    super(
        "This generation ran out of memory: " + text + " What it was planned to take: " + plan,
        cause);
    this.plan = plan;
  }

  /**
   * Returns the figures.
   *
   * @return the plan that does not fit, or did not hold
   */
  public MemoryPlan plan() {
    return plan;
  }
}
