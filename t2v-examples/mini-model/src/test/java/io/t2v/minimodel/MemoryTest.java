package io.t2v.minimodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** A long-lived pipeline: memory does not grow with the number of generations. */
class MemoryTest {
  private static final int WARM_UP = 10;
  private static final int STRETCHES = 3;
  private static final int RUNS_OF_STRETCH = 30;

  /**
   * The compiler, the collector and the allocator let a process grow by some 40 MiB at times that
   * nobody chooses. A leak is there in every stretch: one of no more than a run's latents (8 frames
   * of 4 × 64 × 64 floats at 512 × 512 pixels: 512 KiB) adds 15 MiB to each.
   */
  private static final long TOLERATED_GROWTH = 8L << 20;

  @Test
  void hundredGenerationsLeaveNothingBehind() {
    GenerationRequest request =
        MiniModel.request("a red circle moving right").steps(1).frames(2).seed(1).build();
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      for (int i = 0; i < WARM_UP; i++) {
        pipeline.generate(request);
      }
      long objects = Pointer.totalCount();
      long slowest = Long.MAX_VALUE;
      for (int stretch = 0; stretch < STRETCHES; stretch++) {
        Long before = settledBytes();
        for (int i = 0; i < RUNS_OF_STRETCH; i++) {
          pipeline.generate(request);
          assertThat(Pointer.totalCount()).as("native objects").isEqualTo(objects);
        }
        Long after = settledBytes();
        // Systems that do not say how much is resident are left with the count of objects.
        slowest = before == null || after == null ? 0 : Math.min(slowest, after - before);
      }
      assertThat(slowest).as("growth of the calmest stretch").isLessThan(TOLERATED_GROWTH);
    }
  }

  /** Without garbage on the heap, so that the heap's growth is not taken for a leak. */
  private static Long settledBytes() {
    System.gc();
    return residentBytes();
  }

  /** Physical memory of this process; null where the system does not tell. */
  private static Long residentBytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }
}
