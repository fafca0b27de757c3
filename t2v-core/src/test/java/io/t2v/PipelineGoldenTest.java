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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole way from prompt and seed to frames, against the reference's. */
class PipelineGoldenTest {
  /** Of the largest magnitude; the reference differs from itself by 5e-6 between kernels. */
  private static final double LATENTS_TOLERANCE = 1e-4;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "odd-latents", "two-levels", "one-level"})
  void makesTheReferencesFrames(String model) {
    Path checkpoint = GoldenModel.write(model, folder.resolve(model));
    Map<String, Object> json = Golden.json("pipeline/" + model);
    Golden golden = Golden.tensors("pipeline/" + model);
    int compared = 0;
    Pixels pixels = new Pixels();
    for (Map<String, Object> test : Golden.cases(json, "cases")) {
      if (drawsForSeveralVideosFromOneGenerator(test)) {
        continue;
      }
      compared++;
      String name = model + " " + test.get("name");
      CheckpointFiles parts = CheckpointFiles.open(checkpoint);
      try (RecordingDecoder decoder =
              new RecordingDecoder(AutoencoderKl.open(parts.vaeConfig(), parts.vaeWeights()));
          TextToVideoPipeline pipeline =
              TextToVideoPipeline.builder()
                  .checkpoint(checkpoint)
                  .vaeDecoder(decoder)
                  .threads(1)
                  .scheduler(config -> Schedulers.fromConfig(schedulerOf(json, test)))
                  .build()) {
        GenerationRequest request = request(test);
        pixels.compare(
            name, pipeline.generateAll(request), golden.bytes(test.get("name") + ".frames"));
        Golden.assertClose(
            name,
            decoder.latents(request.frames()),
            golden.floats(test.get("name") + ".latents"),
            LATENTS_TOLERANCE);
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(6);
    assertThat((double) pixels.different / pixels.count).as(model).isLessThanOrEqualTo(0.001);
  }

  /** Here each video has random numbers of its own, so that it comes out the same as alone. */
  private static boolean drawsForSeveralVideosFromOneGenerator(Map<String, Object> test) {
    return strings(test.get("prompt")).size() > 1 && test.get("seed") instanceof Number;
  }

  private static SchedulerConfig schedulerOf(Map<String, Object> json, Map<String, Object> test) {
    Map<?, ?> scheduler =
        (Map<?, ?>) ((Map<?, ?>) json.get("schedulers")).get(test.get("scheduler"));
    @SuppressWarnings("unchecked")
    Map<String, Object> options = (Map<String, Object>) scheduler.get("config");
    return new SchedulerConfig((String) scheduler.get("class"), options);
  }

  private static GenerationRequest request(Map<String, Object> test) {
    GenerationRequest.Builder builder = GenerationRequest.builder(strings(test.get("prompt")));
    if (test.get("negative_prompt") != null) {
      builder.negativePrompts(strings(test.get("negative_prompt")));
    }
    if (test.get("clip_skip") != null) {
      builder.clipSkip(integer(test, "clip_skip"));
    }
    if (test.get("seed") instanceof List<?> seeds) {
      builder.seeds(seeds.stream().map(seed -> ((Number) seed).longValue()).toList());
    } else {
      builder.seed(((Number) test.get("seed")).longValue());
    }
    if (test.get("width") != null) {
      builder.size(integer(test, "width"), integer(test, "height"));
    }
    return builder
        .steps(integer(test, "steps"))
        .guidanceScale(((Number) test.get("guidance_scale")).doubleValue())
        .eta(((Number) test.get("eta")).doubleValue())
        .frames(integer(test, "num_frames"))
        .build();
  }

  private static List<String> strings(Object value) {
    return value instanceof String text
        ? List.of(text)
        : ((List<?>) value).stream().map(String.class::cast).toList();
  }

  private static int integer(Map<String, Object> test, String name) {
    return ((Number) test.get(name)).intValue();
  }

  /** Counts bytes over all runs of a model; none may be off by more than 1. */
  private static final class Pixels {
    private int count;
    private int different;

    void compare(String name, List<Video> videos, byte[] expected) {
      int position = 0;
      for (Video video : videos) {
        for (byte value : video.rgb()) {
          int difference = Math.abs((value & 0xff) - (expected[position++] & 0xff));
          assertThat(difference).as(name).isLessThanOrEqualTo(1);
          different += difference;
        }
      }
      assertThat(position).as(name).isEqualTo(expected.length);
      count += position;
    }
  }
}
