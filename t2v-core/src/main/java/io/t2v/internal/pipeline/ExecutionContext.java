package io.t2v.internal.pipeline;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.DeviceMemory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/** Where a pipeline computes: its device, and threads of its own. Thread-safe. */
public final class ExecutionContext implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(ExecutionContext.class.getName());

  private final ComputeDevice device;
  private final int threads;
  private final Runnable cacheRelease;
  private final ComputeThreads computeThreads = new ComputeThreads();

  /**
   * Starts no thread yet.
   *
   * @param device a real one
   * @param threads of the CPU for one generation
   */
  public ExecutionContext(ComputeDevice device, int threads) {
    this(device, threads, () -> DeviceMemory.emptyCache(device));
  }

  /** cacheRelease: returns unused memory to the system. */
  public ExecutionContext(ComputeDevice device, int threads, Runnable cacheRelease) {
    this.device = device;
    this.threads = threads;
    this.cacheRelease = cacheRelease;
  }

  public ComputeDevice device() {
    return device;
  }

  public int threads() {
    return threads;
  }

  /** Runs work within a compute scope, on a thread of the pipeline, and waits for its end. */
  public <T> T compute(Supplier<T> work) {
    return compute(callerInterrupted -> work.get());
  }

  /** As above; the work is given whether the waiting thread was interrupted meanwhile. */
  public <T> T compute(Function<BooleanSupplier, T> work) {
    return computeThreads.call(
        caller -> {
          try (ComputeScope scope = ComputeScope.open(threads, device)) {
            return work.apply(caller::isInterrupted);
          }
        });
  }

  /**
   * Returns unused memory of libtorch's allocator to the system. A device that has failed cannot do
   * that; who noticed the failure first reports it.
   */
  public void emptyCache() {
    try {
      cacheRelease.run();
    } catch (RuntimeException e) {
      LOGGER.log(Level.WARNING, "Could not release the cached memory of " + device, e);
    }
  }

  @Override
  public void close() {
    computeThreads.close();
  }
}
