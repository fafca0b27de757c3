package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.util.concurrent.Uninterruptibles;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.TinyPipeline;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A generation leaves on the caller's thread what it found there. */
class CallerThreadTest {
  @TempDir Path folder;

  /** libtorch's modes of this thread, and the number of threads that a new thread starts with. */
  private record Modes(int threads, int threadsOfNewThreads, boolean inference, boolean grad) {
    static Modes now() {
      int ofNewThreads = CompletableFuture.supplyAsync(torch::get_num_threads, Modes::start).join();
      return new Modes(
          torch.get_num_threads(), ofNewThreads, InferenceMode.is_enabled(), GradMode.is_enabled());
    }

    private static void start(Runnable work) {
      new Thread(work).start();
    }
  }

  @Test
  void keepsThreadsAndModesOfTheCaller() {
    Path checkpoint = GoldenModel.write("one-level", folder);
    TorchRuntime.load();
    int before = torch.get_num_threads();
    try {
      torch.set_num_threads(3);
      try (PointerScope scope = new PointerScope()) {
        new NoGradGuard();
        Modes expected = Modes.now();
        assertThat(expected.threads()).isEqualTo(3);
        List<Modes> seen = new ArrayList<>();
        try (TextToVideoPipeline pipeline =
            TextToVideoPipeline.builder().checkpoint(checkpoint).threads(1).build()) {
          assertThat(Modes.now()).isEqualTo(expected);
          pipeline
              .prepare(TinyPipeline.request().steps(1).build())
              .onProgress(progress -> seen.add(Modes.now()))
              .toVideo();
        }
        assertThat(Modes.now()).isEqualTo(expected);
        assertThat(seen)
            .isNotEmpty()
            .allSatisfy(
                modes -> {
                  assertThat(modes.threads()).isEqualTo(1);
                  assertThat(modes.threadsOfNewThreads()).isEqualTo(3);
                  assertThat(modes.inference()).isTrue();
                });
      }
    } finally {
      torch.set_num_threads(before);
    }
  }

  /** Platform threads, and virtual ones where this JDK has them. */
  private static List<Function<Runnable, Thread>> kindsOfThreads() {
    List<Function<Runnable, Thread>> kinds = new ArrayList<>(List.of(Thread::new));
    try {
      Method startVirtual = Thread.class.getMethod("startVirtualThread", Runnable.class);
      kinds.add(work -> start(startVirtual, work));
    } catch (NoSuchMethodException e) {
      // before JDK 21
    }
    return kinds;
  }

  private static Thread start(Method startVirtual, Runnable work) {
    try {
      return (Thread) startVirtual.invoke(null, work);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * More than there are carriers, so that virtual threads change theirs while they wait. They look
   * while no generation runs: where one starts, the number of new threads changes for a moment.
   */
  @Test
  void everyKindOfThreadFindsItsModesAgain() throws InterruptedException {
    List<Function<Runnable, Thread>> kinds = kindsOfThreads();
    assertThat(kinds).hasSize(Runtime.version().feature() >= 21 ? 2 : 1);
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
      for (Function<Runnable, Thread> kind : kinds) {
        Queue<Modes> before = new ConcurrentLinkedQueue<>();
        Queue<Modes> after = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        int count = 2 * Runtime.getRuntime().availableProcessors();
        CountDownLatch allLooked = new CountDownLatch(count);
        CountDownLatch allGenerated = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
          threads.add(
              kind.apply(
                  () -> {
                    before.add(Modes.now());
                    arriveAndAwait(allLooked);
                    pipeline
                        .prepare(TinyPipeline.request().steps(1).build())
                        .onProgress(progress -> Thread.yield())
                        .toVideo();
                    arriveAndAwait(allGenerated);
                    after.add(Modes.now());
                  }));
        }
        for (Thread thread : threads) {
          if (thread.getState() == Thread.State.NEW) {
            thread.start();
          }
        }
        for (Thread thread : threads) {
          thread.join();
        }
        assertThat(before).hasSameSizeAs(threads).containsOnly(before.element());
        assertThat(before.element().inference()).isFalse();
        assertThat(before.element().grad()).isTrue();
        assertThat(after).hasSameSizeAs(threads).containsOnly(before.element());
      }
    }
  }

  private static void arriveAndAwait(CountDownLatch latch) {
    latch.countDown();
    assertThat(Uninterruptibles.awaitUninterruptibly(latch, Duration.ofMinutes(2))).isTrue();
  }

  @Test
  void showsTheFramesOfTheCallerInWhatIsThrown() {
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
      CancellationToken token = new CancellationToken();
      token.cancel();
      assertThatExceptionOfType(GenerationCancelledException.class)
          .isThrownBy(
              () -> pipeline.prepare(TinyPipeline.request().build()).cancelledBy(token).toVideo())
          .satisfies(
              e ->
                  assertThat(e.getStackTrace())
                      .anyMatch(frame -> frame.getClassName().equals(getClass().getName())));
    }
  }
}
