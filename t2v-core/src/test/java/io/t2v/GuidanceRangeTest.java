package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.GuidanceStep;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubPipeline;
import io.t2v.unet.LatentSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guidance in a part of the run, and of one's own. */
class GuidanceRangeTest {
  private StubDenoiser denoiser;
  private TextToVideoPipeline pipeline;

  @BeforeEach
  void open() {
    TorchRuntime.load();
    denoiser = new StubDenoiser(6, new LatentSize(2, 3));
    pipeline = StubPipeline.around(denoiser);
  }

  @AfterEach
  void close() {
    pipeline.close();
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder("a red circle")
        .steps(10)
        .frames(2)
        .seed(1)
        .guidanceScale(3)
        .build()
        .toBuilder();
  }

  private NdArray latents(GenerationRequest.Builder builder) {
    return pipeline.prepare(builder.build()).toLatents();
  }

  @Test
  void aWholeRangeIsNoRange() {
    assertThat(latents(request().guidanceStart(0).guidanceStop(1))).isEqualTo(latents(request()));
    assertThat(denoiser.bound()).isEqualTo(2);
  }

  @Test
  void outsideTheRangeOnlyThePromptIsComputed() {
    GenerationRequest.Builder part = request().guidanceStart(0.2).guidanceStop(0.5);
    NdArray latents = latents(part);
    assertThat(latents).isNotEqualTo(latents(request()));
    assertThat(latents).isNotEqualTo(latents(request().guidanceScale(1)));
    denoiser.forgetClips();
    latents(part);
    assertThat(denoiser.clips()).containsExactly(1, 1, 2, 2, 2, 1, 1, 1, 1, 1);
    assertThat(denoiser.open()).isZero();
  }

  @Test
  void aRangeThatHoldsNoStepTakesNoGuidance() {
    assertThat(latents(request().steps(3).guidanceStop(0.1)))
        .isEqualTo(latents(request().steps(3).guidanceScale(1)));
  }

  @Test
  void progressWeighsStepsByTheirClips() {
    List<Double> ends = new ArrayList<>();
    pipeline
        .prepare(request().steps(2).guidanceStop(0.5).build())
        .onProgress(
            progress -> {
              if (progress.phase() == Progress.Phase.DENOISE) {
                ends.add(progress.fraction());
              }
            })
        .toLatents();
    assertThat(ends).isSorted();
    double whole = ends.get(ends.size() - 1) - ends.get(0);
    double first = ends.get(4) - ends.get(0); // three blocks, and the end of the step
    assertThat(first / whole).isCloseTo(2 / 3.0, within(1e-9));
  }

  @Test
  void leavesNothingBehind() {
    GenerationRequest.Builder part = request().guidanceRescale(0.7).guidanceStop(0.5);
    latents(part);
    NativeObjects objects = NativeObjects.count();
    latents(part);
    objects.assertNoMore();
  }

  @Test
  void recordsItsSettings() {
    Map<String, Object> properties =
        pipeline
            .generate(request().guidanceRescale(0.7).guidanceStart(0.1).guidanceStop(0.9).build())
            .provenance()
            .properties();
    assertThat(properties)
        .containsEntry(Provenance.GUIDANCE_SCALE, 3.0)
        .containsEntry(Provenance.GUIDANCE_RESCALE, 0.7)
        .containsEntry(Provenance.GUIDANCE_START, 0.1)
        .containsEntry(Provenance.GUIDANCE_STOP, 0.9)
        .doesNotContainKey(Provenance.GUIDANCE);
  }

  /** Takes the mean of both in every other step. */
  private static final class EveryOther implements Guidance {
    @Override
    public String name() {
      return "EveryOther";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of("mean", true);
    }

    @Override
    public boolean appliesTo(GuidanceStep step) {
      return step.index() % 2 == 0;
    }

    @Override
    public GuidanceRun newRun() {
      return ClassifierFreeGuidance.ofScale(0.5).newRun();
    }
  }

  @Test
  void takesAGuidanceOfOnesOwn() {
    GenerationRequest request =
        GenerationRequest.builder("a red circle")
            .negativePrompt("blurry")
            .steps(4)
            .frames(2)
            .seed(1)
            .guidance(new EveryOther())
            .build();
    Map<String, Object> properties = pipeline.generate(request).provenance().properties();
    assertThat(denoiser.clips()).containsExactly(2, 1, 2, 1);
    assertThat(properties)
        .containsEntry(Provenance.GUIDANCE, "EveryOther")
        .containsEntry(Provenance.GUIDANCE_CONFIG, Map.of("mean", true))
        .containsEntry(Provenance.NEGATIVE_PROMPT, "blurry")
        .doesNotContainKey(Provenance.GUIDANCE_SCALE);
    assertThat(request.toBuilder().build().guidance()).isSameAs(request.guidance());
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request().guidanceRescale(1.1))
        .withMessage("guidanceRescale is 1.1, expected 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request().guidanceStart(-0.1))
        .withMessage("guidanceStart is -0.1, expected 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request().guidanceStop(Double.NaN))
        .withMessage("guidanceStop is NaN, expected 0 to 1");
    assertThatIllegalStateException()
        .isThrownBy(() -> request().guidanceStart(0.6).guidanceStop(0.5).build())
        .withMessageContaining("guidanceStart is 0.6, expected less than guidanceStop, 0.5");
    assertThatIllegalStateException()
        .isThrownBy(() -> request().guidance(new EveryOther()).build())
        .withMessageContainingAll("guidanceScale = 3.0", "is set together with guidance");
  }

  /** Doubles its scale with each step of a run. */
  private static final class Doubling implements Guidance {
    private final List<String> calls = new ArrayList<>();

    @Override
    public String name() {
      return "Doubling";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of();
    }

    @Override
    public GuidanceRun newRun() {
      calls.add("start");
      return new GuidanceRun() {
        private double scale = 1;

        @Override
        public Tensor combine(Tensor negative, Tensor positive, GuidanceStep step) {
          scale *= 2;
          calls.add("" + scale);
          return GuidanceRun.scoped(() -> negative.add(positive.sub(negative), new Scalar(scale)));
        }

        @Override
        public void close() {
          calls.add("close");
        }
      };
    }
  }

  @Test
  void aGuidanceHasAStateForEachRun() {
    Doubling guidance = new Doubling();
    GenerationRequest.Builder builder =
        GenerationRequest.builder("a red circle").steps(2).frames(2).seed(1).guidance(guidance);
    assertThat(latents(builder)).isEqualTo(latents(builder));
    assertThat(guidance.calls)
        .containsExactly("start", "2.0", "4.0", "close", "start", "2.0", "4.0", "close");
  }
}
