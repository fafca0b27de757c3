package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class StagingMemoryTest {
  private static final long LARGE = 4 << 20;

  @Test
  void memoryIsUsedAgainOnceNothingRefersToIt() {
    try (TensorScope scope = TensorScope.open();
        StagingMemory memory = new StagingMemory()) {
      long first = addressOfFreed(memory, LARGE);
      assertThat(addressOfFreed(memory, LARGE)).isEqualTo(first);
      assertThat(addressOfFreed(memory, LARGE / 2)).isEqualTo(first);
    }
  }

  @Test
  void memoryIsLeftAloneWhileAViewRefersToIt() {
    try (TensorScope scope = TensorScope.open();
        StagingMemory memory = new StagingMemory()) {
      Tensor view;
      try (TensorScope reading = TensorScope.open()) {
        view = reading.keep(memory.take(LARGE).fill_(new Scalar(7)).view(2, -1));
      }
      memory.take(LARGE).fill_(new Scalar(1));
      assertThat(view.eq(new Scalar(7)).all().item_bool()).isTrue();
    }
  }

  @Test
  void whatIsKeptOutlivesTheStagingMemory() {
    try (TensorScope scope = TensorScope.open()) {
      StagingMemory memory = new StagingMemory();
      Tensor kept = memory.take(LARGE).fill_(new Scalar(7));
      memory.close();
      assertThat(memory.take(LARGE).fill_(new Scalar(1)).data_ptr().address())
          .isNotEqualTo(kept.data_ptr().address());
      assertThat(kept.eq(new Scalar(7)).all().item_bool()).isTrue();
    }
  }

  @Test
  void smallTensorsDoNotHoldLargeMemory() {
    try (TensorScope scope = TensorScope.open();
        StagingMemory memory = new StagingMemory()) {
      long large = addressOfFreed(memory, LARGE);
      assertThat(memory.take(1000).storage().nbytes()).isEqualTo(1000);
      assertThat(addressOfFreed(memory, LARGE)).isEqualTo(large);
    }
  }

  @Test
  void tensorsOfOneMomentLieSideBySide() {
    try (TensorScope scope = TensorScope.open();
        StagingMemory memory = new StagingMemory()) {
      Tensor first = memory.empty(ScalarType.BFloat16, 1000, 100);
      Tensor second = memory.empty(ScalarType.Float, 3, 100_000);
      assertThat(second.data_ptr().address() - first.data_ptr().address()).isEqualTo(200_000);
      assertThat(HostTensors.shape(second)).containsExactly(3, 100_000);
    }
  }

  /** Freeing a smaller mapping would make glibc place later ones of its size on the heap. */
  @Test
  void whatIsGivenBackIsTooLargeForTheHeap() {
    try (TensorScope scope = TensorScope.open();
        StagingMemory memory = new StagingMemory()) {
      assertThat(memory.take(LARGE).storage().nbytes()).isGreaterThan(32 << 20);
    }
  }

  private static long addressOfFreed(StagingMemory memory, long bytes) {
    try (TensorScope scope = TensorScope.open()) {
      return memory.take(bytes).data_ptr().address();
    }
  }
}
