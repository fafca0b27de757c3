package io.t2v.internal.pipeline;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Platform threads on which a pipeline computes, so that nothing is ever set on a thread of the
 * host: libtorch's modes belong to the operating system's thread, which a virtual thread would
 * share with others.
 *
 * <p>The caller waits for its work. Its interruption is told to the work as a flag: to interrupt
 * the thread itself would close the channels that it reads weights from.
 */
final class ComputeThreads implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ExecutorService executor =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new ThreadFactoryBuilder().setNameFormat("t2v-compute-%d").setDaemon(true).build());

  /** The thread that waits for the work. */
  interface Caller {
    /** Whether it was interrupted since it began to wait. */
    boolean isInterrupted();
  }

  private static final class Interruption implements Caller {
    private volatile boolean interrupted;

    @Override
    public boolean isInterrupted() {
      return interrupted;
    }
  }

  /**
   * Runs work and waits for its end. What it throws is thrown here, with the caller's frames.
   *
   * @throws IllegalStateException if these threads were closed before
   */
  <T> T call(Function<Caller, T> work) {
    Interruption caller = new Interruption();
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    FutureTask<T> task = new FutureTask<>(() -> onThisThread(work, caller, loader));
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("this pipeline is closed", e);
    }
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          caller.interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw withFramesOfTheCaller(requireNonNull(e.getCause()));
    } finally {
      if (caller.interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A listener that interrupts its thread means the caller's. */
  private static <T> T onThisThread(
      Function<Caller, T> work, Interruption caller, ClassLoader loader) {
    Thread thread = Thread.currentThread();
    thread.setContextClassLoader(loader);
    try {
      return work.apply(caller);
    } finally {
      thread.setContextClassLoader(null);
      if (Thread.interrupted()) {
        caller.interrupted = true;
      }
    }
  }

  private static RuntimeException withFramesOfTheCaller(Throwable failure) {
    failure.setStackTrace(
        Stream.of(failure.getStackTrace(), new Throwable().getStackTrace())
            .flatMap(Stream::of)
            .toArray(StackTraceElement[]::new));
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure;
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
