package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubPipeline;
import io.t2v.testing.TinyPipeline;
import io.t2v.text.PromptSyntax;
import io.t2v.unet.ForwardingDenoiser;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationQueueTest {
  @TempDir Path folder;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private StubDenoiser denoiser;
  private TextToVideoPipeline pipeline;

  @BeforeEach
  void open() {
    TorchRuntime.load();
    denoiser = new StubDenoiser(6, new LatentSize(2, 3));
    pipeline = StubPipeline.around(denoiser);
  }

  @AfterEach
  void close() {
    gate.countDown();
    pipeline.close();
  }

  private static GenerationRequest request(String prompt) {
    return GenerationRequest.builder(prompt).steps(1).frames(2).seed(1).guidanceScale(1).build();
  }

  private GenerationQueue.Builder queue() {
    return GenerationQueue.builder(pipeline);
  }

  /**
   * Submits a request whose run stops until the gate opens, and waits until it has begun. On a busy
   * machine even the first of a queue may wait too long: then another one is the first.
   */
  private CompletableFuture<Video> block(GenerationQueue queue) {
    CompletableFuture<Video> blocked = queue.submit(request("the first"), this::waitAtTheGate);
    CompletableFuture.anyOf(begun, blocked.handle((video, failure) -> failure)).join();
    if (!begun.isDone()) {
      return block(queue);
    }
    denoiser.forgetClips();
    return blocked;
  }

  private void waitAtTheGate(Progress progress) {
    begun.complete(null);
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aVideoMayCloseItsQueue() {
    GenerationQueue queue = queue().build();
    CompletableFuture<Void> closed =
        queue.submit(request("a boat"), this::waitAtTheGate).thenRun(queue::close);
    gate.countDown(); // not before the queue is closed on its own thread
    assertThat(closed).succeedsWithin(Duration.ofMinutes(1));
    assertThatIllegalStateException().isThrownBy(() -> queue.submit(request("a lake")));
  }

  @Test
  void requestsThatWaitTogetherAreComputedTogether() throws Exception {
    try (GenerationQueue queue = queue().maxBatch(3).build()) {
      CompletableFuture<Video> first = block(queue);
      List<CompletableFuture<Video>> videos = new ArrayList<>();
      for (String prompt : List.of("a", "b", "c", "d")) {
        videos.add(queue.submit(request(prompt)));
      }
      videos.add(queue.submit(request("e").toBuilder().frames(3).build()));
      videos.add(queue.submit(request("f")));
      assertThat(queue.size()).isEqualTo(6);
      gate.countDown();
      CompletableFuture.allOf(videos.toArray(CompletableFuture<?>[]::new)).get();
      assertThat(first).isCompleted();
      assertThat(denoiser.clips()).as("a, b, c; d, f; e").containsExactly(1, 3, 2, 1);
      assertThat(denoiser.frames()).containsExactly(2, 2, 2, 3);
      assertThat(queue.size()).isZero();
    }
  }

  /** Once it is armed, it tells its size no sooner than it may. */
  private static final class SlowToPlan extends ForwardingDenoiser {
    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final CountDownLatch may = new CountDownLatch(1);
    private volatile boolean armed;

    SlowToPlan(Unet3dDenoiser denoiser) {
      super(denoiser);
    }

    @Override
    public Optional<LatentSize> sampleSize() {
      if (armed) {
        asked.complete(null);
        Uninterruptibles.awaitUninterruptibly(may);
      }
      return super.sampleSize();
    }
  }

  @Test
  void planningABatchHoldsUpNobodyElse() {
    SlowToPlan slow = new SlowToPlan(denoiser);
    try (TextToVideoPipeline planned = StubPipeline.around(slow);
        GenerationQueue queue = GenerationQueue.builder(planned).maxBatch(3).build()) {
      block(queue);
      CompletableFuture<Video> first = queue.submit(request("a"));
      CompletableFuture<Video> unwanted = queue.submit(request("b"));
      CompletableFuture<Video> second = queue.submit(request("c"));
      slow.armed = true;
      gate.countDown();
      slow.asked.join();
      CompletableFuture<CompletableFuture<Video>> later =
          CompletableFuture.supplyAsync(
              () -> {
                unwanted.cancel(true);
                return queue.submit(request("d"));
              });
      assertThat(later).succeedsWithin(Duration.ofMinutes(1));
      slow.may.countDown();
      CompletableFuture.allOf(first, second, later.join()).join();
      assertThat(denoiser.clips()).as("the first; a, c; d").containsExactly(1, 2, 1);
    }
  }

  /** On the network of a checkpoint, with all that belongs to a request. */
  @Test
  void eachVideoOfABatchIsTheVideoAlone() throws Exception {
    try (TextToVideoPipeline real = TinyPipeline.open(folder)) {
      GenerationRequest one = TinyPipeline.request().negativePrompt("blurry").build();
      GenerationRequest other =
          GenerationRequest.builder("a blue square")
              .steps(3)
              .frames(2)
              .seed(7)
              .negativePrompt("dark")
              .build();
      Video alone = real.generate(one);
      Video otherAlone = real.generate(other);
      NativeObjects objects = NativeObjects.count();
      try (GenerationQueue queue = GenerationQueue.builder(real).maxBatch(2).build()) {
        CompletableFuture<Video> blocked = block(queue);
        List<Double> fractions = new ArrayList<>();
        CompletableFuture<Video> first = queue.submit(one, now -> fractions.add(now.fraction()));
        CompletableFuture<Video> second = queue.submit(other);
        gate.countDown();
        assertThat(first.get().rgb()).isEqualTo(alone.rgb());
        assertThat(second.get().rgb()).isEqualTo(otherAlone.rgb());
        assertThat(second.get().provenance().properties())
            .isEqualTo(otherAlone.provenance().properties());
        assertThat(fractions).endsWith(1.0);
        blocked.get();
      }
      objects.assertNoMore();
    }
  }

  @Test
  void requestsOfTheirOwnKindAreComputedAlone() {
    GenerationRequest plain = request("a");
    assertThat(RequestBatch.canShareARun(plain, request("b").toBuilder().seed(9).build())).isTrue();
    for (GenerationRequest other :
        List.of(
            plain.toBuilder().steps(2).build(),
            plain.toBuilder().negativePrompt("b").build(),
            plain.toBuilder().promptSyntax(PromptSyntax.A1111).build(),
            plain.toBuilder().promptAt(1, "b").build(),
            plain.toBuilder().acceleration(Acceleration.none().cacheSteps(2)).build(),
            plain.toBuilder().latents(NdArray.of(new long[] {1, 4, 2, 1, 1}, new float[8])).build(),
            GenerationRequest.unconditional().steps(1).frames(2).build())) {
      assertThat(RequestBatch.canShareARun(plain, other)).as("%s", other).isFalse();
      assertThat(RequestBatch.canShareARun(other, plain)).as("%s", other).isFalse();
    }
  }

  @Test
  void seedsAreDrawnForThoseThatHaveNone() {
    GenerationRequest random =
        GenerationRequest.builder("a").steps(1).frames(2).guidanceScale(1).build();
    List<Long> seeds = RequestBatch.of(List.of(random, request("b"), random)).seeds();
    assertThat(seeds).hasSize(3);
    assertThat(seeds.get(1)).isEqualTo(1);
    assertThat(seeds.get(0)).isNotEqualTo(seeds.get(2));
  }

  @Test
  void aFullQueueRefuses() throws Exception {
    try (GenerationQueue queue = queue().capacity(1).build()) {
      block(queue);
      queue.submit(request("a"));
      assertThatExceptionOfType(PipelineBusyException.class)
          .isThrownBy(() -> queue.submit(request("b")))
          .withMessage("The queue holds 1 requests, as many as it may: ask again later.");
      gate.countDown();
    }
  }

  @Test
  void cancellingTakesARequestOutOfTheQueue() throws Exception {
    try (GenerationQueue queue = queue().build()) {
      block(queue);
      CompletableFuture<Video> cancelled = queue.submit(request("a"));
      CompletableFuture<Video> wanted = queue.submit(request("b"));
      cancelled.cancel(true);
      assertThat(queue.size()).isEqualTo(1);
      gate.countDown();
      wanted.get();
      assertThat(denoiser.predictions()).as("the first, and b").isEqualTo(2);
    }
  }

  @Test
  void cancellingStopsARunThatNobodyElseShares() throws Exception {
    try (GenerationQueue queue = queue().build()) {
      CompletableFuture<Video> blocked = block(queue);
      CompletableFuture<Video> next = queue.submit(request("a"));
      blocked.cancel(true);
      gate.countDown();
      next.get();
      assertThatThrownBy(blocked::get).isInstanceOf(CancellationException.class);
      assertThat(denoiser.predictions()).as("of the next one").isEqualTo(1);
    }
  }

  @Test
  void aRequestThatWaitsTooLongFails() throws Exception {
    try (GenerationQueue queue = queue().maxWait(Duration.ofMillis(20)).build()) {
      block(queue);
      CompletableFuture<Video> late = queue.submit(request("a"));
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(late::get)
          .withCauseInstanceOf(PipelineBusyException.class)
          .withMessageContaining("waited in the queue for longer than PT0.02S");
      assertThat(queue.size()).isZero();
      gate.countDown();
    }
  }

  @Test
  void aRequestOfABatchFailsForItself() throws Exception {
    try (GenerationQueue queue = queue().maxBatch(2).build()) {
      block(queue);
      IllegalArgumentException thrown = new IllegalArgumentException("the progress bar broke");
      CompletableFuture<Video> failing =
          queue.submit(
              request("a"),
              progress -> {
                throw thrown;
              });
      CompletableFuture<Video> other = queue.submit(request("b"));
      gate.countDown();
      assertThat(other.get().rgb()).isEqualTo(pipeline.generate(request("b")).rgb());
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(failing::get)
          .withCause(thrown);
    }
  }

  @Test
  void closingFailsWhatWaitsAndStopsWhatRuns() throws Exception {
    GenerationQueue queue = queue().build();
    CompletableFuture<Video> blocked = block(queue);
    CompletableFuture<Video> waiting = queue.submit(request("a"));
    Thread closer = new Thread(queue::close);
    closer.start();
    assertThatThrownBy(waiting::get)
        .hasMessageContaining("the queue was closed before the generation began");
    gate.countDown();
    closer.join();
    assertThat(blocked).isCompletedExceptionally();
    assertThatIllegalStateException()
        .isThrownBy(() -> queue.submit(request("a")))
        .withMessage("this queue is closed");
    assertThat(pipeline.generate(request("a")).frameCount()).as("still open").isEqualTo(2);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> queue().capacity(0))
        .withMessage("capacity is 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> queue().maxBatch(0))
        .withMessage("maxBatch is 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> queue().concurrent(0))
        .withMessage("concurrent is 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> queue().maxWait(Duration.ZERO))
        .withMessage("maxWait is PT0S, expected above 0");
    assertThatIllegalStateException()
        .isThrownBy(() -> queue().capacity(1).capacity(2))
        .withMessage("capacity was already set to 1, now to 2");
    try (GenerationQueue queue = queue().build()) {
      GenerationRequest two = GenerationRequest.builder(List.of("a", "b")).build();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> queue.submit(two))
          .withMessage("the request asks for 2 videos, expected one: submit one for each");
    }
  }
}
