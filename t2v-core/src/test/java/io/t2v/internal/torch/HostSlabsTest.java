package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.NativeObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HostSlabsTest {
  private static final long SLAB = 1024;

  @BeforeAll
  static void loadLibtorch() {
    TorchRuntime.load();
  }

  @Test
  void tensorsLieSideBySideAndKeepTheirNumbers() {
    NativeObjects objects = NativeObjects.count();
    try (NativePool pool = new NativePool();
        TensorScope scope = TensorScope.open()) {
      HostSlabs slabs = new HostSlabs(pool, false, SLAB);
      List<Tensor> stored = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        stored.add(slabs.store(numbers(i, 3, 5), ScalarType.Float));
      }
      assertThat(slabs.bytes()).as("eight times 60 bytes, aligned").isEqualTo(SLAB);
      for (int i = 0; i < 8; i++) {
        assertThat(HostTensors.shape(stored.get(i))).containsExactly(3, 5);
        assertThat(HostTensors.toFloats(stored.get(i)))
            .isEqualTo(HostTensors.toFloats(numbers(i, 3, 5)));
      }
    }
    objects.assertNoMore();
  }

  @Test
  void threadsStoreAtTheSameTime() throws Exception {
    NativeObjects objects = NativeObjects.count();
    try (NativePool pool = new NativePool()) {
      HostSlabs slabs = new HostSlabs(pool, false, SLAB);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        threads.add(new Thread(() -> storeMany(slabs)));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(slabs.bytes()).isEqualTo(4 * 2000 / (SLAB / 64) * SLAB);
    }
    objects.assertNoMore();
  }

  private static void storeMany(HostSlabs slabs) {
    for (int i = 0; i < 2000; i++) {
      try (TensorScope scope = TensorScope.open()) {
        slabs.store(numbers(i, 16), ScalarType.Float);
      }
    }
  }

  @Test
  void roomThatIsLeftIsTaken() {
    try (NativePool pool = new NativePool();
        TensorScope scope = TensorScope.open()) {
      HostSlabs slabs = new HostSlabs(pool, false, SLAB);
      slabs.store(numbers(0, 192), ScalarType.Float);
      slabs.store(numbers(0, 192), ScalarType.Float);
      assertThat(slabs.bytes()).isEqualTo(2 * SLAB);
      slabs.store(numbers(0, 64), ScalarType.Float);
      slabs.store(numbers(0, 64), ScalarType.Float);
      assertThat(slabs.bytes()).isEqualTo(2 * SLAB);
    }
  }

  @Test
  void whatIsLargerThanASlabHasAPieceOfItsOwn() {
    try (NativePool pool = new NativePool();
        TensorScope scope = TensorScope.open()) {
      HostSlabs slabs = new HostSlabs(pool, false, SLAB);
      Tensor stored = slabs.store(numbers(3, 20, 20), ScalarType.Float);
      assertThat(slabs.bytes()).isEqualTo(1600);
      assertThat(HostTensors.toFloats(stored)).isEqualTo(HostTensors.toFloats(numbers(3, 20, 20)));
    }
  }

  @Test
  void numbersBecomeThoseOfTheComputation() {
    try (NativePool pool = new NativePool();
        TensorScope scope = TensorScope.open()) {
      HostSlabs slabs = new HostSlabs(pool, false, SLAB);
      Tensor stored = slabs.store(numbers(0, 7).t(), ScalarType.Half);
      assertThat(stored.scalar_type().intern()).isEqualTo(ScalarType.Half);
      assertThat(stored.is_contiguous()).isTrue();
      assertThat(HostTensors.toFloats(stored)).isEqualTo(HostTensors.toFloats(numbers(0, 7)));
    }
  }

  private static Tensor numbers(int first, long... shape) {
    int count = 1;
    for (long dimension : shape) {
      count *= (int) dimension;
    }
    float[] values = new float[count];
    IntStream.range(0, count).forEach(i -> values[i] = first + i);
    return HostTensors.of(values, shape);
  }
}
