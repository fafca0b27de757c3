package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.GpuOptimization;
import io.t2v.internal.pipeline.PipelineFactory;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.TinyPipeline;
import io.t2v.testing.Warnings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuOptimizationsTest {
  @TempDir Path folder;

  @Test
  void aCpuIgnoresThemWithAWarningAndDoesNotRecordThem() {
    PipelineBuilder builder =
        TextToVideoPipeline.builder()
            .checkpoint(GoldenModel.write("one-level", folder.resolve("model")))
            .threads(1)
            .gpuOptimizations(GpuOptimization.CHANNELS_LAST_GROUP_NORM);
    try (Warnings warnings = Warnings.of(PipelineFactory.class);
        TextToVideoPipeline pipeline = builder.build()) {
      assertThat(warnings.messages())
          .containsExactly(
              "gpuOptimizations [channels-last-group-norm] are for CUDA devices and are ignored on"
                  + " cpu: leave them out");
      GenerationRequest request = TinyPipeline.request().steps(1).build();
      assertThat(pipeline.generate(request).provenance().properties())
          .containsEntry(Provenance.DEVICE, "cpu")
          .doesNotContainKey(Provenance.GPU_OPTIMIZATIONS);
    }
  }
}
