package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred generations take no more memory than ten. */
class PipelineMemoryTest {
  private static final int WARM_UP = 10;
  private static final int GENERATIONS = 100;
  private static final int FRAMES = 16;
  private static final int EDGE = 16;
  private static final long LATENTS_BYTES = 4L * FRAMES * EDGE * EDGE * Float.BYTES;

  @TempDir Path folder;

  @Test
  void staysFlatOverAHundredGenerations() {
    long objects = 0;
    long bytes = 0;
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
      for (int i = 1; i <= GENERATIONS; i++) {
        generate(pipeline, i);
        if (i == WARM_UP) {
          objects = Pointer.totalCount();
          bytes = Pointer.physicalBytes();
        }
      }
      assertThat(Pointer.totalCount()).as("live native objects").isEqualTo(objects);
      assertThat(Pointer.physicalBytes() - bytes)
          .as("growth of resident memory, below one tensor of latents a generation")
          .isLessThan((GENERATIONS - WARM_UP) * LATENTS_BYTES / 2);
    }
  }

  /** With a collection after each, so that the heap stays as small as it was. */
  private static void generate(TextToVideoPipeline pipeline, int seed) {
    pipeline.generate(
        TinyPipeline.request()
            .seed(seed)
            .steps(1)
            .guidanceScale(1)
            .frames(FRAMES)
            .size(EDGE, EDGE)
            .build());
    System.gc();
  }
}
