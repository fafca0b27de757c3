package io.t2v.internal.pipeline;

import io.t2v.internal.pipeline.MemoryAccount.Demand;
import io.t2v.internal.pipeline.MemoryAccount.Outcome;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.MemoryPlan.Share;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Lets generations of one pipeline run: at most so many at a time, and only with their memory
 * reserved. Thread-safe.
 */
public final class Admission {
  private final int maxConcurrent;
  private final Duration timeout;
  private final MemoryAccount account;
  private final FairQueue queue = new FairQueue();
  private int running;

  /**
   * Lets nobody in yet.
   *
   * @param maxConcurrent at least 1
   * @param timeout the longest time to wait
   * @param account of the device
   */
  public Admission(int maxConcurrent, Duration timeout, MemoryAccount account) {
    this.maxConcurrent = maxConcurrent;
    this.timeout = timeout;
    this.account = account;
  }

  /** The right of one generation to run, to be closed by it. */
  public final class Permit implements AutoCloseable {
    private final Outcome outcome;
    private final long activations;

    private Permit(Outcome outcome, long activations) {
      this.outcome = outcome;
      this.activations = activations;
    }

    /** Anything but admitted means that nothing may run. */
    public Outcome outcome() {
      return outcome;
    }

    @Override
    public void close() {
      if (outcome == Outcome.ADMITTED) {
        account.release(Admission.this, activations);
        leave();
      }
    }
  }

  /**
   * Waits until a generation may run.
   *
   * @param plan of it, worked out anew for each attempt
   * @param checkWanted throws if it is no longer wanted
   */
  public Permit enter(Supplier<MemoryPlan> plan, Runnable checkWanted) {
    long start = System.nanoTime();
    if (!queue.await(this::takeSlot, checkWanted, timeout)) {
      return new Permit(Outcome.TIMED_OUT, 0);
    }
    Outcome outcome = Outcome.TIMED_OUT;
    long[] activations = {0};
    try {
      Duration left = timeout.minusNanos(System.nanoTime() - start);
      outcome =
          account.reserve(
              this,
              () -> {
                Demand demand = demand(plan.get());
                activations[0] = demand.activations();
                return demand;
              },
              checkWanted,
              left);
    } finally {
      if (outcome != Outcome.ADMITTED) {
        leave();
      }
    }
    return new Permit(outcome, activations[0]);
  }

  private boolean takeSlot() {
    if (running == maxConcurrent) {
      return false;
    }
    running++;
    return true;
  }

  private void leave() {
    queue.update(() -> running--);
  }

  private static Demand demand(MemoryPlan plan) {
    long kept = plan.shares().stream().mapToLong(Share::keptBytes).sum();
    return new Demand(
        Math.max(0, kept - plan.loadedBytes()),
        Math.max(0, plan.peakBytes() - kept),
        plan.availableBytes());
  }
}
