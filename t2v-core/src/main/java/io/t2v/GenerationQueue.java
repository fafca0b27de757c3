package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of requests in front of a pipeline, for services: first come, first served, with
 * a limit on the time that a request waits, and a future for each that can be cancelled.
 *
 * <pre>{@code
 * try (GenerationQueue queue = GenerationQueue.builder(pipeline).capacity(100).build()) {
 *   CompletableFuture<Video> video = queue.submit(GenerationRequest.builder("a boat").build());
 * }
 * }</pre>
 *
 * <p>Requests that wait at the same time and differ in prompt, negative prompt and seed alone can
 * be computed together ({@link Builder#maxBatch}): on a CPU each video is bit for bit what it is
 * alone, elsewhere up to rounding. Requests that start from videos, images, latents or embeddings,
 * whose prompt changes on the way or weighs words, or that have a plug-in are computed alone. If a
 * batch does not fit into memory it is made smaller; if it fails, its requests are computed one by
 * one, so that each fails for itself.
 *
 * <p>Thread-safe. Without a queue, {@link Generation#toVideoAsync} waits in the pipeline itself,
 * where any number of requests may wait.
 */
public final class GenerationQueue implements AutoCloseable {
  private final TextToVideoPipeline pipeline;
  private final int capacity;
  private final int maxBatch;
  private final @Nullable Duration maxWait;
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private final List<CancellationToken> running = new ArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private boolean closed;

  private GenerationQueue(Builder settings) {
    pipeline = settings.pipeline;
    capacity = settings.capacity.orElse(Builder.DEFAULT_CAPACITY);
    maxBatch = settings.maxBatch.orElse(1);
    maxWait = settings.maxWait.orNull();
    for (int i = 0; i < settings.concurrent.orElse(1); i++) {
      Thread worker = new Thread(this::work, "t2v-queue-" + i);
      worker.setDaemon(true);
      workers.add(worker);
      worker.start();
    }
  }

  /**
   * A request, until its video is there.
   *
   * @param turn completed when it does not wait any longer
   */
  private record Entry(
      GenerationRequest request,
      ProgressListener listener,
      CompletableFuture<Void> turn,
      CompletableFuture<Video> video) {
    Entry(GenerationRequest request, ProgressListener listener) {
      this(request, listener, new CompletableFuture<>(), new CompletableFuture<>());
    }
  }

  /**
   * Starts a queue.
   *
   * @param pipeline computes the requests; it stays open when the queue is closed
   * @return a builder
   */
  public static Builder builder(TextToVideoPipeline pipeline) {
    return new Builder(pipeline);
  }

  /**
   * Adds a request.
   *
   * @param request for one video
   * @return the video to come; cancelling it takes the request out of the queue, or stops its run
   *     if no other request shares that. It fails with what {@link Generation#toVideo} throws, or
   *     with a {@link PipelineBusyException} if it waited longer than the limit
   * @throws PipelineBusyException if the queue is full
   * @throws IllegalArgumentException if the request asks for several videos
   * @throws IllegalStateException if the queue is closed
   */
  public CompletableFuture<Video> submit(GenerationRequest request) {
    return submit(request, progress -> {});
  }

  /**
   * Adds a request, and follows its run.
   *
   * @param request for one video
   * @param listener told of the run's progress on a thread of the pipeline; of a batch, that of all
   *     its videos
   * @return as {@link #submit(GenerationRequest)}
   */
  public CompletableFuture<Video> submit(GenerationRequest request, ProgressListener listener) {
    checkArgument(
        request.videos() == 1,
        "the request asks for %s videos, expected one: submit one for each",
        request.videos());
    Entry entry = new Entry(request, requireNonNull(listener));
    synchronized (this) {
      checkState(!closed, "this queue is closed");
      if (waiting.size() >= capacity) {
        throw new PipelineBusyException(
            "The queue holds " + capacity + " requests, as many as it may: ask again later.");
      }
      waiting.addLast(entry);
      notifyAll();
    }
    afterwards(
        entry.video(),
        failed -> {
          if (entry.video().isCancelled()) {
            withdraw(entry);
          }
        });
    if (maxWait != null) {
      afterwards(
          entry.turn().orTimeout(maxWait.toNanos(), TimeUnit.NANOSECONDS),
          failed -> {
            if (failed && withdraw(entry)) {
              fail(entry, "The request waited in the queue for longer than " + maxWait + ".");
            }
          });
    }
    return entry.video();
  }

  /** action: told whether the future failed; throws nothing. */
  @SuppressWarnings("FutureReturnValueIgnored") // which nobody waits for
  private static void afterwards(CompletableFuture<?> future, Consumer<Boolean> action) {
    future.whenComplete((result, failure) -> action.accept(failure != null));
  }

  private static void fail(Entry entry, String message) {
    entry.video().completeExceptionally(new PipelineBusyException(message));
  }

  /**
   * Returns how many requests wait.
   *
   * @return those that run not included
   */
  public synchronized int size() {
    return waiting.size();
  }

  /** Takes a request out of the queue; false if it is not there any more. */
  private boolean withdraw(Entry entry) {
    boolean waited;
    synchronized (this) {
      waited = waiting.remove(entry);
    }
    if (waited) {
      entry.turn().complete(null);
    }
    return waited;
  }

  private void work() {
    for (Entry first = next(); first != null; first = next()) {
      List<Entry> batch = new ArrayList<>(List.of(first));
      if (maxBatch > 1) {
        addCompanions(batch);
      }
      batch.removeIf(entry -> entry.video().isDone()); // cancelled in the meantime
      if (!batch.isEmpty()) {
        compute(batch);
      }
    }
  }

  /** Waits for a request and takes it out of the queue; null once the queue is closed. */
  private @Nullable Entry next() {
    Entry first;
    boolean interrupted = false;
    synchronized (this) {
      while (waiting.isEmpty() && !closed) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true; // the thread is this queue's own: it ends when the queue is closed
        }
      }
      first = closed ? null : waiting.removeFirst();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (first != null) {
      first.turn().complete(null);
    }
    return first;
  }

  /**
   * Takes as many requests out of the queue as can be computed with the first one. They wait in the
   * queue until their memory is planned, which holds up nobody else.
   */
  private void addCompanions(List<Entry> batch) {
    GenerationRequest first = batch.get(0).request();
    List<Entry> companions;
    synchronized (this) {
      companions = List.copyOf(waiting);
    }
    companions =
        companions.stream()
            .filter(other -> RequestBatch.canShareARun(first, other.request()))
            .limit(maxBatch - 1)
            .toList();
    int fitting = fitting(first, companions.size() + 1);
    for (Entry companion : companions) {
      if (batch.size() < fitting && withdraw(companion)) {
        batch.add(companion);
      }
    }
  }

  /** Plans how many requests like the first one fit into memory together, from 1 to most. */
  private int fitting(GenerationRequest first, int most) {
    int fitting = 1;
    try {
      while (fitting < most
          && pipeline.plan(RequestBatch.of(Collections.nCopies(fitting + 1, first))).fits()) {
        fitting++;
      }
    } catch (RuntimeException e) {
      return 1; // alone, each of them fails for its own reason
    }
    return fitting;
  }

  private static List<GenerationRequest> requests(List<Entry> batch) {
    return batch.stream().map(Entry::request).toList();
  }

  private void compute(List<Entry> batch) {
    CancellationToken token = new CancellationToken();
    if (!begin(token)) {
      batch.forEach(GenerationQueue::drop);
      return;
    }
    try {
      CompletableFuture<?>[] wanted =
          batch.stream().map(Entry::video).toArray(CompletableFuture<?>[]::new);
      afterwards(CompletableFuture.allOf(wanted), failed -> token.cancel()); // none is wanted now
      List<Video> videos =
          pipeline
              .prepare(RequestBatch.of(requests(batch)))
              .onProgress(progress -> batch.forEach(entry -> entry.listener().onProgress(progress)))
              .cancelledBy(token)
              .toVideos();
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).video().complete(videos.get(i));
      }
    } catch (Throwable failure) {
      if (batch.size() == 1 || token.isCancelled()) {
        batch.forEach(entry -> entry.video().completeExceptionally(failure));
      } else {
        batch.stream()
            .filter(entry -> !entry.video().isDone())
            .forEach(entry -> compute(List.of(entry)));
      }
    } finally {
      end(token);
    }
  }

  private synchronized boolean begin(CancellationToken token) {
    return !closed && running.add(token);
  }

  private synchronized void end(CancellationToken token) {
    running.remove(token);
  }

  private static void drop(Entry entry) {
    entry
        .video()
        .completeExceptionally(
            new GenerationCancelledException("the queue was closed before the generation began"));
  }

  /**
   * Refuses new requests, fails those that wait with a {@link GenerationCancelledException}, stops
   * those that run, and waits until they have stopped. Called by what follows a video on the
   * queue's own thread, it does not wait for that thread. The pipeline stays open.
   */
  @Override
  public void close() {
    List<Entry> dropped;
    synchronized (this) {
      closed = true;
      dropped = List.copyOf(waiting);
      waiting.clear();
      running.forEach(CancellationToken::cancel);
      notifyAll();
    }
    for (Entry entry : dropped) {
      entry.turn().complete(null);
      drop(entry);
    }
    for (Thread worker : workers) {
      if (worker != Thread.currentThread()) {
        join(worker);
      }
    }
  }

  private static void join(Thread worker) {
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Builds a {@link GenerationQueue}. Setting a value twice is an error. Not thread-safe. */
  public static final class Builder {
    private static final int DEFAULT_CAPACITY = 64;

    private final TextToVideoPipeline pipeline;
    private final Setting<Integer> capacity = new Setting<>("capacity");
    private final Setting<Integer> maxBatch = new Setting<>("maxBatch");
    private final Setting<Integer> concurrent = new Setting<>("concurrent");
    private final Setting<Duration> maxWait = new Setting<>("maxWait");

    private Builder(TextToVideoPipeline pipeline) {
      this.pipeline = requireNonNull(pipeline);
    }

    /**
     * Sets how many requests may wait; more are refused. Default 64.
     *
     * @param capacity at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder capacity(int capacity) {
      checkArgument(capacity >= 1, "capacity is %s, expected at least 1", capacity);
      this.capacity.set(capacity);
      return this;
    }

    /**
     * Sets how many requests may be computed together. Default 1, none: on a CPU the videos of a
     * batch are computed one after the other anyway, which was measured to gain nothing. On a GPU
     * small videos may gain; that was not measured.
     *
     * @param maxBatch at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maxBatch(int maxBatch) {
      checkArgument(maxBatch >= 1, "maxBatch is %s, expected at least 1", maxBatch);
      this.maxBatch.set(maxBatch);
      return this;
    }

    /**
     * Sets how many runs may be computed at once. Default 1. On a CPU two at once, each on half of
     * the cores ({@link PipelineBuilder#threads}), end a little sooner than one after the other on
     * all of them, for twice the memory of features; docs/acceleration.md has figures.
     *
     * @param concurrent at least 1; the pipeline's own limit holds as well ({@link
     *     PipelineBuilder#maxConcurrent})
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder concurrent(int concurrent) {
      checkArgument(concurrent >= 1, "concurrent is %s, expected at least 1", concurrent);
      this.concurrent.set(concurrent);
      return this;
    }

    /**
     * Sets the longest time that a request may wait in the queue. Default: without limit.
     *
     * @param maxWait above 0
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder maxWait(Duration maxWait) {
      checkArgument(
          !maxWait.isNegative() && !maxWait.isZero(), "maxWait is %s, expected above 0", maxWait);
      this.maxWait.set(maxWait);
      return this;
    }

    /**
     * Starts the queue.
     *
     * @return the queue, which the caller closes
     */
    public GenerationQueue build() {
      return new GenerationQueue(this);
    }
  }
}
