package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Platform threads on which a pipeline computes, so that nothing is ever set on a thread of the
 * host: libtorch's modes belong to the operating system's thread, which a virtual thread would
 * share with others.
 *
 * <p>Calls that follow each other run on the same thread. The C library gives each thread a heap of
 * its own, and keeps the address space of what was freed: a second thread would reserve it for the
 * same weights again.
 *
 * <p>The caller waits for its work. Its interruption is told to the work as a flag: to interrupt
 * the thread itself would close the channels that it reads weights from.
 */
final class ComputeThreads implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ThreadFactory factory =
      new ThreadFactoryBuilder().setNameFormat("t2v-compute-%d").setDaemon(true).build();

  /** Each of one thread; the one that was used last comes first. */
  private final Deque<ExecutorService> idle = new ArrayDeque<>();

  private boolean closed;

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
    ExecutorService thread = take();
    Future<T> task = thread.submit(() -> onThisThread(work, caller, loader));
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
      giveBack(thread);
      if (caller.interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized ExecutorService take() {
    checkState(!closed, "this pipeline is closed");
    ExecutorService last = idle.poll();
    if (last != null) {
      return last;
    }
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  private synchronized void giveBack(ExecutorService thread) {
    if (closed) {
      thread.shutdown();
    } else {
      idle.push(thread);
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

  /** Refuses further work. What is running goes on, and its thread ends with it. */
  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(ExecutorService::shutdown);
    idle.clear();
  }
}
