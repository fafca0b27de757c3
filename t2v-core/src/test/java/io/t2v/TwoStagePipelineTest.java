package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A draft by one model, enlarged by another. */
class TwoStagePipelineTest {
  @TempDir static Path folder;

  private final AtomicInteger builds = new AtomicInteger();
  private final AtomicInteger buildsOfSecond = new AtomicInteger();

  @BeforeAll
  static void write() {
    GoldenModel.write("two-levels", folder.resolve("model"));
  }

  private static PipelineBuilder model() {
    return TextToVideoPipeline.builder().checkpoint(folder.resolve("model")).threads(1);
  }

  private TwoStagePipeline.Builder recipe() {
    return TwoStagePipeline.builder()
        .first(counted(builds))
        .second(counted(buildsOfSecond))
        .size(32, 48)
        .strength(0.7);
  }

  private static PipelineBuilder counted(AtomicInteger builds) {
    return model()
        .denoiser(
            own -> {
              builds.incrementAndGet();
              return own;
            });
  }

  private static GenerationRequest request() {
    return GenerationRequest.builder("a red circle")
        .negativePrompt("dark")
        .guidanceScale(3)
        .size(16, 24)
        .frames(3)
        .steps(4)
        .seed(5)
        .build();
  }

  @Test
  void bothStagesGiveWhatTheyGiveByHand() {
    List<Progress> events = new ArrayList<>();
    Video video;
    try (TwoStagePipeline recipe =
        recipe().secondRequest(builder -> builder.steps(6)).keepBoth(false).build()) {
      video = recipe.generateAll(request(), events::add, new CancellationToken()).get(0);
      recipe.generate(request());
    }
    assertThat(builds).as("builds of the first model").hasValue(2);
    assertThat(buildsOfSecond).as("builds of the second model, which makes room").hasValue(2);
    try (TextToVideoPipeline pipeline = model().build()) {
      Video draft = FrameResize.to(32, 48).apply(pipeline.generate(request()));
      Video byHand =
          pipeline.generate(
              GenerationRequest.builder("a red circle")
                  .negativePrompt("dark")
                  .guidanceScale(3)
                  .steps(6)
                  .initVideo(draft)
                  .strength(0.7)
                  .seed(5)
                  .build());
      assertThat(video.rgb()).isEqualTo(byHand.rgb());
    }
    List<Double> fractions = events.stream().map(Progress::fraction).toList();
    assertThat(fractions).isSorted().startsWith(0.0).endsWith(1.0);
    assertThat(events.stream().filter(e -> e.phase() == Progress.Phase.DECODE && e.done() == 3))
        .as("ends of stages")
        .hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void latentsAreResizedInPlaceOfFrames() {
    try (TwoStagePipeline recipe = recipe().resizeLatents(true).keepBoth(true).build();
        TextToVideoPipeline pipeline = model().build()) {
      Video video = recipe.generate(request());
      recipe.generate(request());
      int factor = 16 / (int) pipeline.prepare(request()).toLatents().shape()[4];
      NdArray large =
          LatentResize.bilinear(pipeline.prepare(request()).toLatents(), 48 / factor, 32 / factor);
      Video byHand =
          pipeline.generate(
              request().toBuilder().size(32, 48).initLatents(large).strength(0.7).build());
      assertThat(video.rgb()).isEqualTo(byHand.rgb());
    }
    assertThat(builds).hasValue(1);
    assertThat(buildsOfSecond).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSeedThatIsDrawnIsRecordedForBothStages(boolean resizeLatents) {
    GenerationRequest unseeded =
        GenerationRequest.builder("a red circle").size(16, 24).frames(2).steps(2).build();
    try (TwoStagePipeline recipe = recipe().resizeLatents(resizeLatents).keepBoth(true).build()) {
      Video video = recipe.generate(unseeded);
      long seed = video.provenance().seed().orElseThrow();
      assertThat(recipe.generate(unseeded.toBuilder().seed(seed).build()).rgb())
          .isEqualTo(video.rgb());
    }
  }

  @Test
  void latentsAreInterpolatedAsByTorch() {
    long[] shape = {2, 4, 3, 5, 6};
    float[] values = new float[2 * 4 * 3 * 5 * 6];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 37 % 101) / 10f - 5;
    }
    for (int[] size : new int[][] {{9, 16}, {5, 6}, {3, 2}, {1, 1}}) {
      NdArray resized = LatentResize.bilinear(NdArray.of(shape, values), size[0], size[1]);
      assertThat(resized.shape()).containsExactly(2, 4, 3, size[0], size[1]);
      try (ComputeScope scope = ComputeScope.open()) {
        Tensor planes = HostTensors.of(values, 24, 1, 5, 6);
        Tensor expected =
            torch.upsample_bilinear2d(
                planes,
                new long[] {size[0], size[1]},
                false,
                new DoubleOptional(),
                new DoubleOptional());
        Golden.assertClose("resized", resized.values(), HostTensors.toFloats(expected), 1e-5);
      }
    }
  }

  @Test
  void saysAllThatIsMissing() {
    assertThatIllegalStateException()
        .isThrownBy(() -> TwoStagePipeline.builder().strength(0.5).build())
        .withMessage("missing: first, second, size");
  }
}
