package io.t2v.testing;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import java.nio.file.Path;

/** A pipeline on the smallest golden model, which has every phase and takes no time. */
public final class TinyPipeline {
  private TinyPipeline() {}

  /** Writes the model, and opens it. */
  public static TextToVideoPipeline open(Path folder) {
    return TextToVideoPipeline.builder()
        .checkpoint(GoldenModel.write("one-level", folder.resolve("one-level")))
        .threads(1)
        .build();
  }

  /** A request of three steps and two frames of the model's own size. */
  public static GenerationRequest.Builder request() {
    return GenerationRequest.builder("a red circle").steps(3).frames(2).seed(1).build().toBuilder();
  }
}
