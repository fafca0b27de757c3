package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.autoencoder.AutoencoderKl;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.Schedulers;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.RecordingDecoder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From prompt and seed to frames, against the reference's, with networks as wide as the published
 * ones: their convolutions run on other kernels than those of the narrow models.
 */
class WidePipelineGoldenTest {
  /** Of the largest magnitude; the reference differs from itself by 3e-6 between kernels. */
  private static final double LATENTS_TOLERANCE = 1e-4;

  @TempDir Path folder;

  @Test
  void makesTheReferencesFrames() {
    Path checkpoint = GoldenModel.write("wide", folder.resolve("wide"));
    CheckpointFiles parts = CheckpointFiles.open(checkpoint);
    Map<String, Object> json = Golden.json("pipeline/wide");
    Golden golden = Golden.tensors("pipeline/wide");
    int compared = 0;
    for (Map<String, Object> test : Golden.cases(json, "cases")) {
      String name = (String) test.get("name");
      GenerationRequest request = request(test);
      try (RecordingDecoder decoder =
              new RecordingDecoder(AutoencoderKl.open(parts.vaeConfig(), parts.vaeWeights()));
          TextToVideoPipeline pipeline =
              TextToVideoPipeline.builder()
                  .checkpoint(checkpoint)
                  .vaeDecoder(decoder)
                  .threads(1)
                  .scheduler(config -> Schedulers.fromConfig(schedulerOf(json, test)))
                  .build()) {
        byte[] rgb = pipeline.generate(request).rgb();
        Golden.assertClose(
            name,
            decoder.latents(request.frames()),
            golden.floats(name + ".latents"),
            LATENTS_TOLERANCE);
        assertSamePicture(name, rgb, golden.bytes(name + ".frames"));
      }
      compared++;
    }
    assertThat(compared).isEqualTo(2);
  }

  private static SchedulerConfig schedulerOf(Map<String, Object> json, Map<String, Object> test) {
    Map<?, ?> schedulers = (Map<?, ?>) json.get("schedulers");
    Map<?, ?> scheduler = (Map<?, ?>) schedulers.get(test.get("scheduler"));
    @SuppressWarnings("unchecked")
    Map<String, Object> options = (Map<String, Object>) scheduler.get("config");
    return new SchedulerConfig((String) scheduler.get("class"), options);
  }

  private static GenerationRequest request(Map<String, Object> test) {
    GenerationRequest.Builder builder =
        GenerationRequest.builder((String) test.get("prompt"))
            .size(integer(test, "width"), integer(test, "height"))
            .frames(integer(test, "num_frames"))
            .steps(integer(test, "steps"))
            .guidanceScale(((Number) test.get("guidance_scale")).doubleValue())
            .seed(integer(test, "seed"));
    if (test.get("negative_prompt") instanceof String negative) {
      builder.negativePrompt(negative);
    }
    return builder.build();
  }

  private static int integer(Map<String, Object> test, String name) {
    return ((Number) test.get(name)).intValue();
  }

  /** No value may be off by more than 1, and of a thousand no more than one. */
  private static void assertSamePicture(String name, byte[] actual, byte[] expected) {
    assertThat(actual).as(name).hasSameSizeAs(expected);
    int different = 0;
    for (int i = 0; i < expected.length; i++) {
      int difference = Math.abs((actual[i] & 0xff) - (expected[i] & 0xff));
      assertThat(difference).as(name).isLessThanOrEqualTo(1);
      different += difference;
    }
    assertThat((double) different / expected.length).as(name).isLessThanOrEqualTo(0.001);
  }
}
