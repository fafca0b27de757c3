package io.t2v.service;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Jobs that wait, and the workers that take them one after the other. Thread-safe. */
@Component
final class JobQueue implements SmartLifecycle {
  /** The share of the newest job in the average time of jobs. */
  private static final double NEWEST = 0.3;

  /** How long a worker without work takes to notice that the service stops. */
  private static final long IDLE_MILLIS = 200;

  private final JobRunner runner;
  private final int workers;
  private final LinkedBlockingQueue<VideoJob> waiting;
  private final Set<VideoJob> running = ConcurrentHashMap.newKeySet();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong averageMillis = new AtomicLong();
  private volatile boolean started;

  JobQueue(JobRunner runner, ServiceProperties properties, MeterRegistry meters) {
    this.runner = runner;
    workers = properties.workers();
    waiting = new LinkedBlockingQueue<>(properties.queueCapacity());
    Gauge.builder("t2v.queue.depth", waiting, LinkedBlockingQueue::size)
        .description("Jobs that wait")
        .register(meters);
  }

  /**
   * Adds a job.
   *
   * @return false if the queue is full
   */
  boolean offer(VideoJob job) {
    return waiting.offer(job);
  }

  boolean isFull() {
    return waiting.remainingCapacity() == 0;
  }

  /** Takes a job out that has ended while it waited. */
  void remove(VideoJob job) {
    waiting.remove(job);
  }

  /** Jobs before this one; empty queues and jobs that do not wait have 0. */
  int position(VideoJob job) {
    int position = 0;
    for (VideoJob other : waiting) {
      if (other == job) {
        return position;
      }
      position++;
    }
    return 0;
  }

  /** In how many seconds a place is likely to be free: the time of a job, by experience. */
  long retryAfterSeconds() {
    long seconds = TimeUnit.MILLISECONDS.toSeconds(averageMillis.get() / workers);
    return Math.max(1, Math.min(3600, seconds + 1));
  }

  @Override
  public void start() {
    started = true;
    for (int i = 0; i < workers; i++) {
      Thread thread = new Thread(this::work, "video-worker-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  private void work() {
    while (started) {
      try {
        VideoJob job = waiting.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
        if (job != null) {
          run(job);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void run(VideoJob job) {
    running.add(job);
    long start = System.nanoTime();
    try {
      if (started) {
        runner.run(job);
        remember(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
      }
    } finally {
      running.remove(job);
    }
  }

  private void remember(long millis) {
    averageMillis.updateAndGet(
        average -> average == 0 ? millis : (long) ((1 - NEWEST) * average + NEWEST * millis));
  }

  /**
   * Ends running jobs as failed, within one block of the network. Those that wait stay queued in
   * the store, for the next process.
   */
  @Override
  public void stop() {
    started = false;
    running.forEach(VideoJob::interrupt);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    threads.clear();
    waiting.clear();
  }

  @Override
  public boolean isRunning() {
    return started;
  }
}
