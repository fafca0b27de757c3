package io.t2v.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.SideStream;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.RecordingSideStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Parts that come one after the other: here tensors of a single number. */
class PrefetcherTest {
  private final RecordingSideStream side = new RecordingSideStream();
  private final List<String> events = new ArrayList<>();
  private int failingPart = -1;

  @BeforeAll
  static void loadLibtorch() {
    TorchRuntime.load();
  }

  @Test
  void nextPartComesBeforeOneIsUsedAndNoThird() {
    NativeObjects objects = NativeObjects.count();
    try (Prefetcher relay = new Prefetcher()) {
      relay.inTurn(parts(4, side), this::use);
    }
    objects.assertNoMore();
    assertThat(events)
        .containsExactly(
            "0 LOADED",
            "1 LOADED",
            "use 0",
            "0 RELEASED", //
            "2 LOADED",
            "use 1",
            "1 RELEASED", //
            "3 LOADED",
            "use 2",
            "2 RELEASED", //
            "use 3",
            "3 RELEASED");
    assertThat(side.awaited()).isEqualTo(4);
    assertThat(side.followed()).as("before each is freed").isEqualTo(4);
  }

  @Test
  void withoutASideStreamPartsComeWhenTheirTurnHasCome() {
    try (Prefetcher relay = new Prefetcher()) {
      relay.inTurn(parts(2, SideStream.none()), this::use);
    }
    assertThat(events)
        .containsExactly("0 LOADED", "use 0", "0 RELEASED", "1 LOADED", "use 1", "1 RELEASED");
  }

  @Test
  void aPartThatWasAnnouncedIsTheFirstOfTheRow() {
    List<ManagedModule<Tensor>> parts = parts(3, side);
    try (Prefetcher relay = new Prefetcher()) {
      assertThat(relay.use(parts.get(0), parts.get(1), PrefetcherTest::value)).isEqualTo(0);
      relay.inTurn(parts.subList(1, 3), this::use);
    }
    assertThat(events)
        .containsExactly(
            "0 LOADED",
            "1 LOADED",
            "0 RELEASED",
            "2 LOADED",
            "use 1",
            "1 RELEASED",
            "use 2",
            "2 RELEASED");
  }

  @Test
  void whatCameForNothingGoesWithTheRelayOrWithAnotherUse() {
    NativeObjects objects = NativeObjects.count();
    List<ManagedModule<Tensor>> parts = parts(3, side);
    try (Prefetcher relay = new Prefetcher()) {
      relay.use(parts.get(0), parts.get(1), PrefetcherTest::value);
      relay.use(parts.get(2), parts.get(0), PrefetcherTest::value);
    }
    assertThat(events)
        .containsExactly(
            "0 LOADED",
            "1 LOADED",
            "0 RELEASED",
            "2 LOADED",
            "1 RELEASED",
            "0 LOADED",
            "2 RELEASED",
            "0 RELEASED");
    assertThat(side.followed()).as("those that were used").isEqualTo(2);
    objects.assertNoMore();
  }

  @Test
  void failingUserLeavesNothingBehind() {
    NativeObjects objects = NativeObjects.count();
    List<ManagedModule<Tensor>> parts = parts(3, side);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(
            () -> {
              try (Prefetcher relay = new Prefetcher()) {
                relay.inTurn(
                    parts,
                    part -> {
                      throw new ArithmeticException("in the middle");
                    });
              }
            });
    assertThat(events).containsExactly("0 LOADED", "1 LOADED", "0 RELEASED", "1 RELEASED");
    objects.assertNoMore();
  }

  @Test
  void partThatFailsToComeLeavesNothingBehindAndMayComeLater() {
    NativeObjects objects = NativeObjects.count();
    List<ManagedModule<Tensor>> parts = parts(3, side);
    failingPart = 1;
    assertThatExceptionOfType(OutOfMemoryError.class)
        .isThrownBy(
            () -> {
              try (Prefetcher relay = new Prefetcher()) {
                relay.inTurn(parts, this::use);
              }
            });
    assertThat(events).containsExactly("0 LOADED", "0 RELEASED");
    objects.assertNoMore();
    failingPart = -1;
    try (Prefetcher relay = new Prefetcher()) {
      relay.inTurn(parts, this::use);
    }
    assertThat(events).endsWith("use 2", "2 RELEASED");
    objects.assertNoMore();
  }

  @Test
  void partsThatAreClosedWhileTheyAreOnTheirWayGoWithTheRelay() {
    NativeObjects objects = NativeObjects.count();
    List<ManagedModule<Tensor>> parts = parts(2, side);
    try (Prefetcher relay = new Prefetcher()) {
      relay.use(parts.get(0), parts.get(1), PrefetcherTest::value);
      parts.forEach(ManagedModule::close);
      assertThat(events).endsWith("0 RELEASED");
    }
    assertThat(events).endsWith("1 RELEASED");
    objects.assertNoMore();
  }

  @Test
  void threadsShareWhatIsThere() throws Exception {
    NativeObjects objects = NativeObjects.count();
    List<ManagedModule<Tensor>> parts = parts(5, side);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      Callable<Float> walk =
          () -> {
            float[] sum = new float[1];
            for (int step = 0; step < 20; step++) {
              try (Prefetcher relay = new Prefetcher()) {
                relay.inTurn(parts, part -> sum[0] += value(part));
              }
            }
            return sum[0];
          };
      for (var sum : threads.invokeAll(List.of(walk, walk, walk))) {
        assertThat(sum.get()).isEqualTo(20 * (1 + 2 + 3 + 4));
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(side.followed()).isEqualTo(side.awaited()).isEqualTo(3 * 20 * 5);
    objects.assertNoMore();
  }

  private List<ManagedModule<Tensor>> parts(int count, SideStream stream) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                ManagedModule.releasedAfterUse(
                    pool -> load(pool, i), direction -> note(i + " " + direction), stream))
        .toList();
  }

  private Tensor load(NativePool pool, int number) {
    Tensor loaded = pool.adopt(HostTensors.of(new float[] {number}, 1));
    if (number == failingPart) {
      throw new OutOfMemoryError("a cap");
    }
    return loaded;
  }

  private void use(Tensor part) {
    note("use " + (int) value(part));
  }

  private synchronized void note(String event) {
    events.add(event);
  }

  private static float value(Tensor part) {
    return HostTensors.toFloats(part)[0];
  }
}
