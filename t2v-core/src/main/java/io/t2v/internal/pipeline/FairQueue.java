package io.t2v.internal.pipeline;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Threads that wait for something, first come, first served. Whether the first one may go on is
 * asked again whenever {@link #update} is called, and at short intervals: free memory changes
 * without a word. Thread-safe; virtual threads wait without a carrier.
 */
final class FairQueue {
  private static final long INTERVAL_MILLIS = 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Object> waiting = new ArrayDeque<>();

  /**
   * Waits until it is this thread's turn and the condition holds.
   *
   * @param tryEnter takes what is waited for, under the lock of this queue; true if it did
   * @param checkWanted throws if nobody wants to wait any longer
   * @param timeout the longest time to wait
   * @return false if the time is over
   */
  boolean await(BooleanSupplier tryEnter, Runnable checkWanted, Duration timeout) {
    long start = System.nanoTime();
    Object ticket = new Object();
    lock.lock();
    waiting.addLast(ticket);
    try {
      while (true) {
        checkWanted.run();
        if (waiting.peekFirst() == ticket && tryEnter.getAsBoolean()) {
          return true;
        }
        if (System.nanoTime() - start >= timeout.toNanos()) {
          return false;
        }
        pause();
      }
    } finally {
      waiting.remove(ticket);
      changed.signalAll();
      lock.unlock();
    }
  }

  /** An interrupted thread stays so, and whoever waits is asked whether that matters. */
  @SuppressWarnings("WaitNotInLoop") // await() is the loop
  private void pause() {
    try {
      changed.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Changes what threads wait for, and lets the first one look at it. */
  void update(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
