package io.t2v.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.RawSafetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that come and go: here a single tensor. */
class ManagedModuleTest {
  private final AtomicInteger loads = new AtomicInteger();

  @BeforeAll
  static void loadLibtorch() {
    TorchRuntime.load();
  }

  @Test
  void loadsNothingBeforeItIsNeeded() {
    NativeObjects objects = NativeObjects.count();
    try (ManagedModule<Tensor> resident = ManagedModule.kept(this::load)) {
      objects.assertNoMore();
      assertThat(loads).hasValue(0);
    }
  }

  @Test
  void keepsTheNetworkUntilItIsClosed() {
    NativeObjects objects = NativeObjects.count();
    try (ManagedModule<Tensor> resident = ManagedModule.kept(this::load)) {
      assertThat(use(resident)).isEqualTo(7);
      objects.assertMore();
      assertThat(use(resident)).isEqualTo(7);
      assertThat(loads).hasValue(1);
    }
    objects.assertNoMore();
  }

  @Test
  void releasesTheNetworkAfterItsLastUse() {
    NativeObjects objects = NativeObjects.count();
    try (ManagedModule<Tensor> resident = ManagedModule.releasedAfterUse(this::load)) {
      ManagedModule<Tensor>.Lease first = resident.acquire();
      ManagedModule<Tensor>.Lease second = resident.acquire();
      assertThat(second.get()).isSameAs(first.get());
      first.close();
      first.close();
      assertThat(value(second)).isEqualTo(7);
      second.close();
      objects.assertNoMore();
      assertThat(use(resident)).isEqualTo(7);
      assertThat(loads).hasValue(2);
    }
    objects.assertNoMore();
  }

  @Test
  void staysBetweenUsesWhileItIsHeld() {
    NativeObjects objects = NativeObjects.count();
    try (ManagedModule<Tensor> resident = ManagedModule.releasedAfterUse(this::load)) {
      resident.hold().close();
      assertThat(loads).as("nobody used it").hasValue(0);
      try (ManagedModule<Tensor>.Hold hold = resident.hold()) {
        assertThat(use(resident) + use(resident)).isEqualTo(14);
      }
      assertThat(loads).hasValue(1);
      objects.assertNoMore();
    }
  }

  @Test
  void staysForTheLastOfThoseWhoHoldOrUseIt() {
    NativeObjects objects = NativeObjects.count();
    try (ManagedModule<Tensor> resident = ManagedModule.releasedAfterUse(this::load)) {
      ManagedModule<Tensor>.Hold first = resident.hold();
      ManagedModule<Tensor>.Hold second = resident.hold();
      ManagedModule<Tensor>.Lease lease = resident.acquire();
      first.close();
      first.close();
      lease.close();
      objects.assertMore();
      ManagedModule<Tensor>.Lease late = resident.acquire();
      second.close();
      assertThat(value(late)).isEqualTo(7);
      late.close();
      objects.assertNoMore();
      assertThat(loads).hasValue(1);
    }
  }

  @Test
  void staysUntilItIsNotHeldAnyMoreWhenItIsClosed() {
    NativeObjects objects = NativeObjects.count();
    ManagedModule<Tensor> resident = ManagedModule.kept(this::load);
    ManagedModule<Tensor>.Hold hold = resident.hold();
    assertThat(use(resident)).isEqualTo(7);
    resident.close();
    objects.assertMore();
    hold.close();
    objects.assertNoMore();
  }

  /** A network that reads its file for each use: the file is open until nobody can use it again. */
  @Test
  void closesItsFilesAfterTheLastUser(@TempDir Path folder) {
    Path file = folder.resolve("model.safetensors");
    RawSafetensors.write(
        file,
        RawSafetensors.header(RawSafetensors.tensor("a", "F32", "[1]", 0, 4)),
        new byte[] {0, 0, (byte) 0xe0, 0x40});
    TensorReader files = TensorReader.open(TensorFiles.ofFile(file));
    ManagedModule<Tensor> resident =
        ManagedModule.<Tensor>releasedAfterUse(pool -> pool.adopt(files.read("a", 1)))
            .closing(files);
    assertThat(use(resident)).isEqualTo(7);
    ManagedModule<Tensor>.Lease lease = resident.acquire();
    resident.close();
    assertThat(value(lease)).isEqualTo(7);
    try (TensorScope scope = TensorScope.open()) {
      assertThat(files.read("a", 1).item_float()).as("in use").isEqualTo(7);
    }
    lease.close();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> files.read("a", 1))
        .withMessageContaining("Could not read " + file);
  }

  @Test
  void closesItsFilesAtOnceIfNobodyUsesIt(@TempDir Path folder) {
    Path file = folder.resolve("model.safetensors");
    RawSafetensors.write(
        file, RawSafetensors.header(RawSafetensors.tensor("a", "F32", "[1]", 0, 4)), new byte[4]);
    TensorReader files = TensorReader.open(TensorFiles.ofFile(file));
    ManagedModule.kept(this::load).closing(files).close();
    assertThatExceptionOfType(CheckpointException.class).isThrownBy(() -> files.read("a", 1));
  }

  @Test
  void staysAliveForWhoStillUsesItWhenItIsClosed() {
    NativeObjects objects = NativeObjects.count();
    ManagedModule<Tensor> resident = ManagedModule.kept(this::load);
    ManagedModule<Tensor>.Lease lease = resident.acquire();
    resident.close();
    assertThat(value(lease)).isEqualTo(7);
    assertThatIllegalStateException()
        .isThrownBy(resident::acquire)
        .withMessage("this component is closed");
    lease.close();
    objects.assertNoMore();
  }

  @Test
  void canBeClosedTwiceAndWithoutUse() {
    ManagedModule<Tensor> resident = ManagedModule.kept(this::load);
    resident.close();
    resident.close();
    assertThatIllegalStateException().isThrownBy(resident::acquire);
    assertThat(loads).hasValue(0);
  }

  @Test
  void leavesNothingBehindWhenLoadingFails() {
    NativeObjects objects = NativeObjects.count();
    try (ManagedModule<Tensor> resident = ManagedModule.kept(this::failAtFirst)) {
      assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(resident::acquire);
      objects.assertNoMore();
      assertThat(use(resident)).as("the second attempt").isEqualTo(7);
    }
    objects.assertNoMore();
  }

  @Test
  void loadsOnceForUsersWhoComeTogether() throws Exception {
    int users = 4;
    CyclicBarrier together = new CyclicBarrier(users);
    ExecutorService threads = Executors.newFixedThreadPool(users);
    NativeObjects objects = NativeObjects.count();
    try (ManagedModule<Tensor> resident = ManagedModule.kept(this::load)) {
      Callable<Float> user =
          () -> {
            together.await();
            return use(resident);
          };
      List<Callable<Float>> all = IntStream.range(0, users).mapToObj(i -> user).toList();
      for (var result : threads.invokeAll(all)) {
        assertThat(result.get()).isEqualTo(7);
      }
      assertThat(loads).hasValue(1);
    } finally {
      threads.shutdownNow();
    }
    objects.assertNoMore();
  }

  private Tensor load(NativePool pool) {
    loads.incrementAndGet();
    Tensor passing = HostTensors.of(new float[] {1}, 1);
    return pool.adopt(HostTensors.of(new float[] {7}, 1).mul(passing));
  }

  private Tensor failAtFirst(NativePool pool) {
    Tensor tensor = load(pool);
    if (loads.get() == 1) {
      throw new UnsupportedOperationException("the first time");
    }
    return tensor;
  }

  private static float use(ManagedModule<Tensor> resident) {
    try (ManagedModule<Tensor>.Lease lease = resident.acquire()) {
      return value(lease);
    }
  }

  private static float value(ManagedModule<Tensor>.Lease lease) {
    return HostTensors.toFloats(lease.get())[0];
  }
}
