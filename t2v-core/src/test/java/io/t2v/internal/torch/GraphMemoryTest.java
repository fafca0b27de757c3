package io.t2v.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GraphMemoryTest {
  private static final int DEVICE = 98;

  @Test
  void countsTheOpenGraphsOfEachDevice() {
    GraphMemory.take(DEVICE, 300);
    GraphMemory.take(DEVICE, 200);
    GraphMemory.take(DEVICE + 1, 7);
    assertThat(GraphMemory.taken(DEVICE)).isEqualTo(500);
    GraphMemory.giveBack(DEVICE, 300);
    assertThat(GraphMemory.taken(DEVICE)).isEqualTo(200);
    GraphMemory.giveBack(DEVICE, 200);
    GraphMemory.giveBack(DEVICE + 1, 7);
    assertThat(GraphMemory.taken(DEVICE)).isZero();
  }

  @Test
  void whatGraphsHoldIsNotAvailable() {
    assertThat(DeviceMemory.available(1000, 800, 300, 0)).isEqualTo(1500);
    assertThat(DeviceMemory.available(1000, 800, 300, 200)).isEqualTo(1300);
    assertThat(DeviceMemory.available(1000, 800, 300, 600)).isEqualTo(1000);
  }
}
