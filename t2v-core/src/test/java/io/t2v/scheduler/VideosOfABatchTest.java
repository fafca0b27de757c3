package io.t2v.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.t2v.GenerationRequest;
import io.t2v.NdArray;
import io.t2v.TextToVideoPipeline;
import io.t2v.testing.GoldenModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** With every scheduler, a video comes out of the whole pipeline the same alone and in a batch. */
class VideosOfABatchTest {
  @TempDir static Path folder;

  @BeforeAll
  static void writeModel() {
    GoldenModel.write("one-level", folder.resolve("model"));
  }

  static Stream<Arguments> factories() {
    return Stream.concat(
        Schedulers.names().stream().map(name -> Arguments.of(name, with(name, Map.of()))),
        Stream.of(
            Arguments.of(
                "DPMSolverSDEScheduler with a seed",
                with("DPMSolverSDEScheduler", Map.of("noise_sampler_seed", 7))),
            Arguments.of(
                "DPMSolverMultistepScheduler with noise",
                with("DPMSolverMultistepScheduler", Map.of("algorithm_type", "sde-dpmsolver++")))));
  }

  /** Not every scheduler takes what the model's own configuration says: that it predicts x0. */
  private static SchedulerFactory with(String name, Map<String, Object> more) {
    return config -> {
      Map<String, Object> options = new HashMap<>(config.options());
      options.put("prediction_type", "epsilon");
      options.putAll(more);
      return Schedulers.byName(name).fromConfig(new SchedulerConfig(name, options));
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("factories")
  void eachVideoIsWhatItIsAlone(String name, SchedulerFactory factory) {
    List<String> prompts = List.of("a red circle", "a blue square");
    List<Long> seeds = List.of(1L, 2L);
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(folder.resolve("model"))
            .scheduler(factory)
            .threads(1)
            .build()) {
      float[] together = latents(pipeline, GenerationRequest.builder(prompts).seeds(seeds));
      int length = together.length / 2;
      for (int video = 0; video < 2; video++) {
        float[] alone =
            latents(pipeline, GenerationRequest.builder(prompts.get(video)).seed(seeds.get(video)));
        float[] found = Arrays.copyOfRange(together, video * length, (video + 1) * length);
        assertThat(found).as("video %s", video).containsExactly(alone, within(1e-6f));
      }
    }
  }

  private static float[] latents(TextToVideoPipeline pipeline, GenerationRequest.Builder request) {
    NdArray latents = pipeline.prepare(request.steps(4).frames(2).eta(0.5).build()).toLatents();
    return latents.values();
  }
}
