package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.memory.MemoryPlanner;
import io.t2v.internal.pipeline.ExecutionContext;
import io.t2v.testing.StubComponents;
import io.t2v.testing.StubDecoder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the memory that libtorch's allocator holds without using it goes back to the system. */
class CacheReleaseTest {
  /** A denoiser that stays is used again soon, with memory to compute in. */
  @ParameterizedTest
  @CsvSource({"false, 1", "true, 0"})
  void afterAGenerationUnlessTheDenoiserStays(boolean denoiserStays, int expected) {
    AtomicInteger released = new AtomicInteger();
    try (TextToVideoPipeline pipeline =
        new TextToVideoPipeline(
            StubComponents.of(
                new StubDecoder(4),
                new MemoryPlanner(Map.of(), List.of(), ComputeDevice.cpu(), 0, 1),
                denoiserStays),
            Map.of(),
            List.of(),
            new ExecutionContext(ComputeDevice.cpu(), 1, released::incrementAndGet),
            new ContentGate(Optional.empty()),
            true,
            1,
            Duration.ZERO)) {
      pipeline.generate(GenerationRequest.builder("a panda").steps(1).frames(1).build());
      assertThat(released).hasValue(expected);
    }
    assertThat(released).as("after closing").hasValue(expected + 1);
  }
}
