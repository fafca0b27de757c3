package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationFailureTest {
  /** As libtorch 2.10 writes them, with its figures. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 139.80 GiB of"
            + " which 12.50 MiB is free. Process 7 has 139.79 GiB memory in use. 5.00 GiB allowed;"
            + " Of the allocated memory 4.10 GiB is allocated by PyTorch, and 20.00 MiB is reserved"
            + " by PyTorch but unallocated.",
        "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory:"
            + " you tried to allocate 4398046511104 bytes. Error code 12 (Cannot allocate memory)",
        "MPS backend out of memory (MPS allocated: 17.00 GB, other allocations: 1.00 GB, max"
            + " allowed: 18.13 GB). Tried to allocate 1.20 GB on private pool.",
        "CUDA error: out of memory",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED"
      })
  void knowsTheTextsOfEachAllocator(String text) {
    RuntimeException failure =
        new RuntimeException(text + "\nException raised from malloc at /x/y.cpp:1\nframe #0: z");
    assertThat(AllocationFailure.text(failure)).contains(text);
  }

  /** ThrowEnforceNotMet says nothing before its frames but their numbers. */
  @ParameterizedTest
  @ValueSource(
      strings = {"\nframe #0: c10::f() + 0x68", "\nC++ CapturedTraceback:\n#4 g() from ??:0"})
  void leavesOutFramesOfEveryForm(String frames) {
    RuntimeException failure = new RuntimeException("can't allocate memory: 7 bytes" + frames);
    assertThat(AllocationFailure.text(failure)).contains("can't allocate memory: 7 bytes");
    assertThat(NativeFailure.text(failure)).contains("can't allocate memory: 7 bytes");
  }

  @Test
  void knowsTheErrorsOfJavacpp() {
    OutOfMemoryError limit =
        new OutOfMemoryError(
            "Physical memory usage is too high: physicalBytes (9G) > maxPhysicalBytes (8G)");
    assertThat(AllocationFailure.text(limit)).contains(limit.getMessage());
    assertThat(AllocationFailure.text(new OutOfMemoryError("Java heap space"))).isEmpty();
  }

  @Test
  void writesOneLine() {
    assertThat(
            AllocationFailure.text(
                new RuntimeException("CUDA error: out of memory\nSearch for it.\n\nCompile it.\n")))
        .contains("CUDA error: out of memory Search for it. Compile it.");
  }

  @Test
  void knowsWhatThisLibtorchSays() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      RuntimeException failure =
          catchThrowableOfType(RuntimeException.class, () -> torch.empty(1L << 55));
      assertThat(AllocationFailure.text(failure))
          .hasValueSatisfying(
              text -> assertThat(text).contains("allocate").doesNotContain("\n", "frame #"));
    }
  }

  @Test
  void leavesOtherFailuresAlone() {
    assertThat(AllocationFailure.text(new RuntimeException("mat1 and mat2 cannot be multiplied")))
        .isEmpty();
    assertThat(AllocationFailure.text(new RuntimeException())).isEmpty();
    assertThat(AllocationFailure.text(new IllegalStateException("CUDA out of memory."))).isEmpty();
  }
}
