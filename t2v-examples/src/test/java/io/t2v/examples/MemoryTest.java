package io.t2v.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** A long-lived pipeline: memory does not grow with the number of generations. */
class MemoryTest {
  private static final int WARM_UP = 10;
  private static final int RUNS = 100;

  /**
   * A leak in each run of no more than its latents (8 frames of 4 × 64 × 64 floats at 512 × 512
   * pixels: 512 KiB) would add up to 45 MiB in the 90 runs that count; the allocator and the JVM
   * move by a few MiB.
   */
  private static final long TOLERATED_GROWTH = 24L << 20;

  @Test
  void hundredGenerationsLeaveNothingBehind() {
    GenerationRequest request =
        BundledModel.request("a red circle moving right").steps(1).frames(2).seed(1).build();
    try (TextToVideoPipeline pipeline = BundledModel.pipeline().build()) {
      for (int i = 0; i < WARM_UP; i++) {
        pipeline.generate(request);
      }
      long objects = Pointer.totalCount();
      Long resident = settledBytes();
      for (int i = WARM_UP; i < RUNS; i++) {
        pipeline.generate(request);
        assertThat(Pointer.totalCount()).as("native objects after run %s", i).isEqualTo(objects);
      }
      Long grown = settledBytes();
      if (resident != null && grown != null) {
        assertThat(grown - resident).isLessThan(TOLERATED_GROWTH);
      }
    }
  }

  /** Without garbage on the heap, so that the heap's growth is not taken for a leak. */
  private static Long settledBytes() {
    System.gc();
    return Measurements.residentBytes();
  }
}
