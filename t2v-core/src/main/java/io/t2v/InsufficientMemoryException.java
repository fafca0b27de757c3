package io.t2v;

import io.t2v.offload.MemoryPlan;

/**
 * A generation was not started, since it would not fit into memory. The message says what it takes,
 * what there is, and the cheapest change that would make it fit. The pipeline stays usable.
 */
public final class InsufficientMemoryException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final transient MemoryPlan plan;

  InsufficientMemoryException(MemoryPlan plan) {
    super("This generation does not fit into memory: " + plan);
    this.plan = plan;
  }

  /**
   * Returns the figures.
   *
   * @return the plan that does not fit
   */
  public MemoryPlan plan() {
    return plan;
  }
}
