package io.t2v.internal.unet3d;

import static io.t2v.internal.unet3d.HeapGaps.LARGEST_ON_HEAP;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapGapsTest {
  @Test
  void trimsWhereFeaturesGrowBeyondTheHeap() {
    assertThat(HeapGaps.isWorthwhile(LARGEST_ON_HEAP / 2, LARGEST_ON_HEAP + 1)).isTrue();
    assertThat(HeapGaps.isWorthwhile(2 * LARGEST_ON_HEAP, 3 * LARGEST_ON_HEAP)).isTrue();
  }

  @Test
  void leavesGapsThatTheNextFeaturesFit() {
    assertThat(HeapGaps.isWorthwhile(LARGEST_ON_HEAP / 2, LARGEST_ON_HEAP)).isFalse();
  }

  @Test
  void leavesGapsWhereFeaturesDoNotGrow() {
    assertThat(HeapGaps.isWorthwhile(2 * LARGEST_ON_HEAP, 2 * LARGEST_ON_HEAP)).isFalse();
    assertThat(HeapGaps.isWorthwhile(2 * LARGEST_ON_HEAP, LARGEST_ON_HEAP + 1)).isFalse();
  }
}
