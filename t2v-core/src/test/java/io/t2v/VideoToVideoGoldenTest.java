package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.Schedulers;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.RecordingDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs that start from a video, against the reference's, for every scheduler and four strengths.
 */
class VideoToVideoGoldenTest {
  /** Of the largest magnitude; the reference differs from itself by 2e-5 between kernels. */
  private static final double TOLERANCE = 1e-4;

  /** Frames per second do not enter the computation. */
  private static final double RATE = 8;

  private static final String[] MODELS = {"four-levels", "two-levels"};

  @TempDir static Path folder;

  @BeforeAll
  static void writeModels() {
    for (String model : MODELS) {
      GoldenModel.write(model, folder.resolve(model));
    }
  }

  private record Case(String model, String scheduler) {
    @Override
    public String toString() {
      return model + " " + scheduler;
    }
  }

  static List<Case> schedulers() {
    List<Case> all = new ArrayList<>();
    for (String model : MODELS) {
      ((Map<?, ?>) Golden.json("v2v/" + model).get("schedulers"))
          .keySet()
          .forEach(name -> all.add(new Case(model, (String) name)));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void makesTheReferencesFrames(Case key) {
    Map<String, Object> json = Golden.json("v2v/" + key.model);
    Golden golden = Golden.tensors("v2v/" + key.model);
    List<Map<String, Object>> cases =
        Golden.cases(json, "cases").stream()
            .filter(test -> key.scheduler.equals(test.get("scheduler")))
            .toList();
    assertThat(cases).hasSizeGreaterThanOrEqualTo(4);
    SchedulerConfig config = configOf(json, key.scheduler);
    List<RecordingDecoder> decoders = new ArrayList<>();
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(folder.resolve(key.model))
            .threads(1)
            .scheduler(ignored -> Schedulers.fromConfig(config))
            .vaeDecoder(
                decoder -> {
                  decoders.add(new RecordingDecoder(decoder));
                  return decoders.get(0);
                })
            .build()) {
      for (Map<String, Object> test : cases) {
        assertStart(key.model, golden, test, config);
        if (!differsOnPurpose(test)) {
          assertRun(golden, test, pipeline, request(golden, json, test), decoders.get(0));
        }
      }
    }
  }

  /** The reference takes weights of four slopes there, for fewer slopes than that. */
  private static boolean differsOnPurpose(Map<String, Object> test) {
    return "lms".equals(test.get("scheduler")) && number(test, "strength") < 1;
  }

  /** Which timesteps are visited, and what noise makes of the encoded video. */
  private static void assertStart(
      String model, Golden golden, Map<String, Object> test, SchedulerConfig config) {
    String name = model + " " + test.get("name");
    int steps = (int) number(test, "steps");
    int skipped = steps - (int) (steps * number(test, "strength"));
    try (TensorScope scope = TensorScope.open();
        SamplingPlan plan =
            Schedulers.fromConfig(config).plan(new PlanRequest(steps, number(test, "eta")))) {
      int start = skipped == 0 ? 0 : plan.startIndex(skipped);
      double[] timesteps = plan.timesteps();
      double[] expected =
          ((List<?>) test.get("timesteps"))
              .stream().mapToDouble(t -> ((Number) t).doubleValue()).toArray();
      assertThat(Arrays.copyOfRange(timesteps, start, timesteps.length))
          .as(name)
          .containsExactly(expected, Offset.offset(1e-3));
      float[] noised =
          HostTensors.toFloats(
              plan.addNoise(
                  HostTensors.of(golden.floats("encoded"), golden.shape("encoded")),
                  HostTensors.of(golden.floats("latents_noise"), golden.shape("latents_noise")),
                  start));
      Golden.assertClose(name, noised, golden.floats(test.get("name") + ".noised"), 1e-5);
    }
  }

  private static void assertRun(
      Golden golden,
      Map<String, Object> test,
      TextToVideoPipeline pipeline,
      GenerationRequest request,
      RecordingDecoder decoder) {
    String name = (String) test.get("name");
    decoder.forget();
    byte[] frames = pipeline.generate(request).rgb();
    Golden.assertClose(
        name, decoder.latents(request.frames()), golden.floats(name + ".latents"), TOLERANCE);
    byte[] expected = golden.bytes(name + ".frames");
    assertThat(frames).as(name).hasSameSizeAs(expected);
    int worst = 0;
    for (int i = 0; i < frames.length; i++) {
      worst = Math.max(worst, Math.abs((frames[i] & 0xff) - (expected[i] & 0xff)));
    }
    assertThat(worst).as(name).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "two-levels"})
  void drawsThePosteriorFirst(String model) {
    Map<String, Object> json = Golden.json("v2v/" + model);
    Golden golden = Golden.tensors("v2v/" + model);
    Video video = video(golden);
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(folder.resolve(model)).threads(1).build()) {
      NdArray encoded =
          pipeline
              .prepare(
                  GenerationRequest.builder("a disc")
                      .initVideo(video)
                      .strength(0)
                      .seed((long) number(json, "seed"))
                      .build())
              .toLatents();
      assertThat(encoded.shape()[2]).isEqualTo(video.frameCount());
      Golden.assertClose(model, framesFirst(encoded), golden.floats("encoded"), 1e-5);
    }
  }

  /** [1, channels, frames, height, width] as [frames, channels, height, width]. */
  private static float[] framesFirst(NdArray latents) {
    int channels = (int) latents.shape()[1];
    int frames = (int) latents.shape()[2];
    float[] values = latents.values();
    int pixels = values.length / channels / frames;
    float[] turned = new float[values.length];
    for (int channel = 0; channel < channels; channel++) {
      for (int frame = 0; frame < frames; frame++) {
        System.arraycopy(
            values,
            (channel * frames + frame) * pixels,
            turned,
            (frame * channels + channel) * pixels,
            pixels);
      }
    }
    return turned;
  }

  private static GenerationRequest request(
      Golden golden, Map<String, Object> json, Map<String, Object> test) {
    return GenerationRequest.builder((String) test.get("prompt"))
        .negativePrompt((String) test.get("negative_prompt"))
        .initVideo(video(golden))
        .strength(number(test, "strength"))
        .steps((int) number(test, "steps"))
        .guidanceScale(number(test, "guidance_scale"))
        .eta(number(test, "eta"))
        .seed((long) number(json, "seed"))
        .build();
  }

  private static Video video(Golden golden) {
    long[] shape = golden.shape("video");
    byte[] all = golden.bytes("video");
    int bytes = all.length / (int) shape[0];
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < shape[0]; i++) {
      frames.add(Arrays.copyOfRange(all, i * bytes, (i + 1) * bytes));
    }
    return Video.of((int) shape[2], (int) shape[1], RATE, frames, Provenance.unknown());
  }

  private static SchedulerConfig configOf(Map<String, Object> json, String scheduler) {
    Map<?, ?> described = (Map<?, ?>) ((Map<?, ?>) json.get("schedulers")).get(scheduler);
    @SuppressWarnings("unchecked")
    Map<String, Object> options = (Map<String, Object>) described.get("config");
    return new SchedulerConfig((String) described.get("class"), options);
  }

  private static double number(Map<String, Object> map, String name) {
    return ((Number) map.get(name)).doubleValue();
  }
}
