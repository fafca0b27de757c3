package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.pipeline.MemoryAccount;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.MemoryPlan.Share;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How many generations run at a time, and what waits. */
@Timeout(120)
class AdmissionTest {
  private static final int THREADS = 16;
  private static final GenerationRequest REQUEST = TinyPipeline.request().steps(2).build();

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger mostRunning = new AtomicInteger();
  @TempDir Path folder;
  private Path checkpoint;

  @BeforeEach
  void write() {
    checkpoint = GoldenModel.write("one-level", folder);
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    assertThat(MemoryAccount.of(ComputeDevice.cpu()).reservedBytes()).isZero();
  }

  private PipelineBuilder builder() {
    return TextToVideoPipeline.builder().checkpoint(checkpoint).threads(1);
  }

  /** Counts those that run between their first report of progress and the last one. */
  private Video counted(TextToVideoPipeline pipeline) {
    boolean[] counted = {false, false};
    return pipeline
        .prepare(REQUEST)
        .onProgress(
            progress -> {
              if (!counted[0]) {
                counted[0] = true;
                mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
              }
              if (progress.fraction() >= 1 && !counted[1]) {
                counted[1] = true;
                running.decrementAndGet();
              }
            })
        .toVideo();
  }

  @Test
  void memoryIsReservedForTheWholeProcess() throws Exception {
    long limit;
    try (TextToVideoPipeline pipeline = builder().build()) {
      MemoryPlan plan = pipeline.plan(REQUEST);
      long kept = plan.shares().stream().mapToLong(Share::keptBytes).sum();
      // the weights of a pipeline, and what three generations have for themselves
      limit = kept + 3 * (plan.peakBytes() - kept);
    }
    try (TextToVideoPipeline first = builder().memoryLimit(limit).build();
        TextToVideoPipeline second = builder().memoryLimit(limit).build()) {
      List<CompletableFuture<Video>> videos = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        TextToVideoPipeline pipeline = i % 2 == 0 ? first : second;
        videos.add(CompletableFuture.supplyAsync(() -> counted(pipeline), threads));
      }
      CancellationToken token = new CancellationToken();
      CompletableFuture<Video> cancelled =
          first.prepare(REQUEST).cancelledBy(token).toVideoAsync(threads);
      token.cancel();
      assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(cancelled::get);
      byte[] expected = first.generate(REQUEST).rgb();
      for (CompletableFuture<Video> video : videos) {
        assertThat(video.get().rgb()).isEqualTo(expected);
      }
    }
    assertThat(running).hasValue(0);
    assertThat(mostRunning.get()).isBetween(1, 3);
  }

  @Test
  void noMoreThanAllowedRunTogether() throws Exception {
    try (TextToVideoPipeline pipeline = builder().maxConcurrent(2).build()) {
      List<CompletableFuture<Video>> videos = new ArrayList<>();
      for (int i = 0; i < THREADS / 2; i++) {
        videos.add(CompletableFuture.supplyAsync(() -> counted(pipeline), threads));
      }
      for (CompletableFuture<Video> video : videos) {
        video.get();
      }
    }
    assertThat(mostRunning.get()).isBetween(1, 2);
  }

  /** A generation that occupies the pipeline until it is released. */
  private final class Occupying implements AutoCloseable {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final CompletableFuture<Video> video;

    Occupying(TextToVideoPipeline pipeline) throws InterruptedException {
      video =
          CompletableFuture.supplyAsync(
              () ->
                  pipeline
                      .prepare(REQUEST)
                      .onProgress(
                          progress -> {
                            begun.countDown();
                            awaitUninterruptibly(released);
                          })
                      .toVideo(),
              threads);
      begun.await();
    }

    void release() throws ExecutionException, InterruptedException {
      released.countDown();
      video.get();
    }

    @Override
    public void close() {
      released.countDown();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whoWaitsLeavesWhenCancelled() throws Exception {
    try (TextToVideoPipeline pipeline = builder().maxConcurrent(1).build();
        Occupying first = new Occupying(pipeline)) {
      CompletableFuture<Video> waiting = pipeline.prepare(REQUEST).toVideoAsync(threads);
      CancellationToken token = new CancellationToken();
      CompletableFuture<Video> withToken =
          pipeline.prepare(REQUEST).cancelledBy(token).toVideoAsync(threads);
      assertThat(waiting.cancel(true)).isTrue();
      token.cancel();
      assertThatExceptionOfType(CancellationException.class).isThrownBy(waiting::get);
      assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(withToken::get);
      assertThat(first.video).isNotDone();
      first.release();
    }
  }

  @Test
  void whoDoesNotWantToWaitIsToldSo() throws Exception {
    try (TextToVideoPipeline pipeline =
            builder().maxConcurrent(1).admissionTimeout(Duration.ZERO).build();
        Occupying first = new Occupying(pipeline)) {
      assertThatExceptionOfType(PipelineBusyException.class)
          .isThrownBy(() -> pipeline.generate(REQUEST))
          .withMessageContaining("PT0S");
      first.release();
      assertThat(pipeline.generate(REQUEST).frameCount()).isEqualTo(REQUEST.frames());
    }
  }

  @Test
  void closingThePipelineEndsTheWait() throws Exception {
    TextToVideoPipeline pipeline = builder().maxConcurrent(1).build();
    Occupying first = new Occupying(pipeline);
    CompletableFuture<Video> waiting = pipeline.prepare(REQUEST).toVideoAsync(threads);
    CompletableFuture<Void> closed = CompletableFuture.runAsync(pipeline::close, threads);
    assertThatExceptionOfType(GenerationCancelledException.class).isThrownBy(waiting::get);
    first.released.countDown();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(first.video::get)
        .withCauseInstanceOf(GenerationCancelledException.class);
    closed.get();
  }
}
