package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.GoldenModel;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred generations take no more memory than ten. */
class PipelineMemoryTest {
  private static final int WARM_UP = 10;
  private static final int GENERATIONS = 100;
  private static final int STRETCHES = 3;
  private static final int STRETCH = 25;
  private static final int FRAMES = 64;
  private static final int LATENT_EDGE = 16;
  private static final int SCALE_FACTOR = 8;
  private static final long LATENTS_BYTES = 4L * FRAMES * LATENT_EDGE * LATENT_EDGE * Float.BYTES;

  @TempDir Path folder;

  @Test
  void keepsTheNumberOfNativeObjects() {
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
      long objects = 0;
      for (int i = 0; i < GENERATIONS; i++) {
        pipeline.generate(TinyPipeline.request().seed(i).steps(1).eta(i % 2).build());
        if (i < WARM_UP) {
          objects = Pointer.totalCount();
        }
        assertThat(Pointer.totalCount()).as("native objects after %s", i).isEqualTo(objects);
      }
    }
  }

  /**
   * Latents are large enough here for one more tensor of them a generation to stand out. What the
   * JVM itself takes comes and goes: so the least of each stretch is compared, and a leak grows in
   * all.
   */
  @Test
  void keepsTheResidentMemory() {
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(GoldenModel.write("odd-latents", folder))
            .threads(1)
            .build()) {
      leastResidentBytes(pipeline, WARM_UP);
      long before = leastResidentBytes(pipeline, STRETCH);
      long leastGrowth = Long.MAX_VALUE;
      for (int i = 0; i < STRETCHES; i++) {
        long after = leastResidentBytes(pipeline, STRETCH);
        leastGrowth = Math.min(leastGrowth, after - before);
        before = after;
      }
      long leaking = STRETCH * LATENTS_BYTES;
      assertThat(leastGrowth).as("growth in bytes").isLessThan(leaking * 2 / 3);
    }
  }

  private static long leastResidentBytes(TextToVideoPipeline pipeline, int generations) {
    GenerationRequest request =
        TinyPipeline.request()
            .steps(1)
            .guidanceScale(1)
            .frames(FRAMES)
            .size(LATENT_EDGE * SCALE_FACTOR, LATENT_EDGE * SCALE_FACTOR)
            .build();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < generations; i++) {
      pipeline.prepare(request).toLatents();
      System.gc(); // the Java heap stays as small as it was: what grows is native
      least = Math.min(least, residentBytes());
    }
    return least;
  }

  private static long residentBytes() {
    Pointer.trimMemory();
    return Pointer.physicalBytes();
  }
}
