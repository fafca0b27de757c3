package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.pipeline.GuidanceEmbedding;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.scheduler.LcmScheduler;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.scheduler.StandardSchedulerBuilder;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four steps: latent consistency models, and the guidance scale as an input of the network. */
class DistilledModelTest {
  private static final int WIDTH = 256;

  @TempDir Path folder;

  @Test
  void embedsTheScaleAsTheReference() {
    Map<String, Object> json = Golden.json("distilled/embedding");
    Golden golden = Golden.tensors("distilled/embedding");
    int compared = 0;
    try (ComputeScope scope = ComputeScope.open(1)) {
      for (Object width : (List<?>) json.get("widths")) {
        for (Object scale : (List<?>) json.get("scales")) {
          String name = width + "." + scale;
          Tensor embedding =
              GuidanceEmbedding.of(((Number) scale).doubleValue(), ((Number) width).intValue());
          // a last bit of an angle of some thousands is 5e-4 of a wave
          Golden.assertClose(name, HostTensors.toFloats(embedding), golden.floats(name), 1e-3);
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(10);
  }

  @Test
  void predictsWithTheEmbeddingWhatTheReferencePredicts() {
    Golden golden = Golden.tensors("distilled/unet");
    CheckpointFiles files = CheckpointFiles.open(GoldenModel.writeDistilled(folder, WIDTH));
    try (UnetDenoiser denoiser = UnetDenoiser.open(files.unetConfig(), files.unetWeights());
        ComputeScope scope = ComputeScope.open(1)) {
      assertThat(denoiser.guidanceEmbeddingWidth()).isEqualTo(WIDTH);
      Conditioning conditioning =
          new Conditioning(tensor(golden, "text"), tensor(golden, "timestep_cond"), 1);
      try (BoundDenoiser bound = denoiser.bind(conditioning)) {
        Tensor predicted = bound.predict(tensor(golden, "sample"), 759, BlockListener.none());
        Golden.assertClose(
            "distilled", HostTensors.toFloats(predicted), golden.floats("output"), 1e-5);
      }
    }
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }

  @Test
  void visitsTheTimestepsOfT2vTurbo() {
    Map<?, ?> timesteps = (Map<?, ?>) Golden.json("distilled/turbo-steps").get("timesteps");
    LcmScheduler turbo = LcmScheduler.builder().option("integer_skipping_step", true).build();
    timesteps.forEach(
        (steps, expected) -> {
          int count = Integer.parseInt((String) steps);
          try (SamplingPlan plan = turbo.plan(PlanRequest.ofSteps(count))) {
            assertThat(plan.timesteps())
                .as("%s steps", steps)
                .containsExactly(
                    ((List<?>) expected)
                        .stream().mapToDouble(t -> ((Number) t).intValue()).toArray());
          }
        });
    assertThat(timesteps).hasSize(12);
  }

  @Test
  void stepsAsT2vTurbo() {
    Golden golden = Golden.tensors("distilled/turbo-steps");
    LcmScheduler turbo = LcmScheduler.builder().option("integer_skipping_step", true).build();
    try (ComputeScope scope = ComputeScope.open(1);
        SamplingPlan plan = turbo.plan(PlanRequest.ofSteps(4))) {
      Tensor latents = tensor(golden, "start");
      for (int i = 0; i < 4; i++) {
        Tensor drawn = tensor(golden, "noise").select(0, i);
        Tensor prediction = tensor(golden, "predictions").select(0, i);
        latents = plan.step(prediction, i, latents, like -> drawn.clone());
        Golden.assertClose(
            "after step " + i, HostTensors.toFloats(latents), golden.floats("after." + i), 1e-5);
      }
    }
  }

  @Test
  void makesTheReferencesFramesInFourSteps() {
    Golden golden = Golden.tensors("distilled/pipeline");
    List<Map<String, Object>> cases = Golden.cases(Golden.json("distilled/pipeline"), "cases");
    for (Map<String, Object> test : cases) {
      String name = (String) test.get("name");
      boolean distilled = test.get("guidance_scale") != null;
      GenerationRequest request =
          GenerationRequest.builder((String) test.get("prompt"))
              .seed(((Number) test.get("seed")).longValue())
              .size(32, 32)
              .frames(2)
              .steps(4)
              .guidanceScale(distilled ? ((Number) test.get("guidance_scale")).doubleValue() : 1)
              .build();
      try (TextToVideoPipeline pipeline = pipeline(name, distilled, lcm(test))) {
        Golden.assertClose(
            name,
            pipeline.prepare(request).toLatents().values(),
            golden.floats(name + ".latents"),
            1e-4);
        byte[] frames = pipeline.generate(request).rgb();
        byte[] expected = golden.bytes(name + ".frames");
        assertThat(frames).hasSameSizeAs(expected);
        for (int i = 0; i < frames.length; i++) {
          assertThat(Math.abs((frames[i] & 0xff) - (expected[i] & 0xff))).isLessThanOrEqualTo(1);
        }
      }
    }
    assertThat(cases).hasSize(2);
  }

  private static SchedulerFactory lcm(Map<String, Object> test) {
    return config -> {
      StandardSchedulerBuilder<LcmScheduler> builder = LcmScheduler.builder().config(config);
      ((Map<?, ?>) test.get("options"))
          .forEach((option, value) -> builder.option((String) option, value));
      return builder.build();
    };
  }

  private TextToVideoPipeline pipeline(String name, boolean distilled, SchedulerFactory scheduler) {
    Path own = folder.resolve(name);
    return TextToVideoPipeline.builder()
        .checkpoint(
            distilled
                ? GoldenModel.writeDistilled(own, WIDTH)
                : GoldenModel.write("four-levels", own))
        .scheduler(scheduler)
        .threads(1)
        .build();
  }

  @Test
  void theGuidanceScaleIsAnInputAndOneHalfIsComputed() {
    try (TextToVideoPipeline pipeline = pipeline("turbo", true, LcmScheduler::fromConfig)) {
      GenerationRequest request =
          GenerationRequest.builder("a red circle").steps(2).frames(3).size(32, 32).seed(1).build();
      NdArray weak = pipeline.prepare(request.toBuilder().guidanceScale(2).build()).toLatents();
      NdArray strong = pipeline.prepare(request.toBuilder().guidanceScale(14).build()).toLatents();
      assertThat(strong).isNotEqualTo(weak);
      assertThat(pipeline.plan(request))
          .isEqualTo(pipeline.plan(request.toBuilder().guidanceScale(1).build()));
      GenerationRequest windowed =
          request.toBuilder().guidanceScale(14).window(FrameWindow.of(3)).build();
      assertThat(pipeline.prepare(windowed).toLatents()).isEqualTo(strong);
      GenerationRequest changing =
          request.toBuilder().promptAt(2, "a blue square").window(FrameWindow.of(2)).build();
      assertThat(pipeline.prepare(changing.toBuilder().guidanceScale(2).build()).toLatents())
          .isNotEqualTo(pipeline.prepare(changing).toLatents());
    }
  }

  @Test
  void whatNeedsASecondHalfIsRefusedByName() {
    try (TextToVideoPipeline pipeline = pipeline("turbo", true, LcmScheduler::fromConfig)) {
      GenerationRequest request =
          GenerationRequest.builder("a red circle")
              .negativePrompt("blurry")
              .guidanceStop(0.5)
              .build();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pipeline.prepare(request))
          .withMessage(
              "the request has negativePrompts, a guidance other than guidanceScale, but this model"
                  + " takes the guidance scale as an input and predicts for the prompt alone:"
                  + " expected none of them");
    }
  }
}
