package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ComputeThreadsTest {
  /** On a second thread, freed weights would keep the address space of the first one's heap. */
  @Test
  void callsThatFollowEachOtherRunOnOneThread() {
    try (ComputeThreads threads = new ComputeThreads()) {
      Set<Thread> used = new HashSet<>();
      for (int i = 0; i < 1000; i++) {
        used.add(threads.call(caller -> Thread.currentThread()));
      }
      assertThat(used).hasSize(1);
    }
  }

  @Test
  void workThatFailedGivesItsThreadBack() {
    try (ComputeThreads threads = new ComputeThreads()) {
      Thread first = threads.call(caller -> Thread.currentThread());
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  threads.call(
                      caller -> {
                        throw new IllegalArgumentException("failed");
                      }));
      assertThat(threads.<Thread>call(caller -> Thread.currentThread())).isSameAs(first);
    }
  }

  @Test
  void aCallWithinACallRunsOnAThreadOfItsOwn() {
    try (ComputeThreads threads = new ComputeThreads()) {
      Thread inner = threads.call(caller -> threads.call(within -> Thread.currentThread()));
      Thread outer = threads.call(caller -> Thread.currentThread());
      assertThat(outer).isNotEqualTo(inner);
    }
  }

  @Test
  void callsAtTheSameTimeRunOnThreadsOfTheirOwn() throws Exception {
    try (ComputeThreads threads = new ComputeThreads()) {
      CountDownLatch bothRun = new CountDownLatch(2);
      FutureTask<Thread> other = new FutureTask<>(() -> threads.call(caller -> meet(bothRun)));
      new Thread(other).start();
      assertThat(threads.<Thread>call(caller -> meet(bothRun))).isNotEqualTo(other.get());
    }
  }

  private static Thread meet(CountDownLatch all) {
    all.countDown();
    try {
      assertThat(all.await(60, TimeUnit.SECONDS)).as("both calls run").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return Thread.currentThread();
  }

  @Test
  void workThatRunsIsDoneAfterClosingAndNothingElse() throws Exception {
    ComputeThreads threads = new ComputeThreads();
    Thread thread =
        threads.call(
            caller -> {
              threads.close();
              return Thread.currentThread();
            });
    thread.join();
    assertThatIllegalStateException()
        .isThrownBy(() -> threads.call(caller -> 1))
        .withMessage("this pipeline is closed");
  }
}
