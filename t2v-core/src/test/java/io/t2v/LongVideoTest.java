package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.common.collect.ImmutableMap;
import io.t2v.guidance.ClassifierFreeGuidance;
import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.GuidanceStep;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubPipeline;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows, loops, and prompts that change in the course of a video. */
class LongVideoTest {
  private static final double ROUNDING = 1e-5;
  private static final FrameWindow WINDOW = FrameWindow.of(4).overlap(1);

  @TempDir Path folder;
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
        .steps(3)
        .frames(11)
        .seed(1)
        .build()
        .toBuilder();
  }

  private NdArray latents(GenerationRequest.Builder builder) {
    return pipeline.prepare(builder.build()).toLatents();
  }

  private void assertSame(GenerationRequest.Builder one, GenerationRequest.Builder other) {
    Golden.assertClose("latents", latents(one).values(), latents(other).values(), ROUNDING);
  }

  @Test
  void windowsOfAModelThatSeesSingleFramesChangeNothing() {
    assertSame(request().window(WINDOW), request());
    assertSame(request().window(WINDOW.weights(FrameWindow.Weights.FLAT)), request());
    assertSame(request().window(WINDOW.shiftEachStep(true)), request());
    assertSame(request().window(WINDOW.loop(true)), request());
    assertSame(request().window(FrameWindow.of(32).loop(true)), request());
    denoiser.forgetClips();
    latents(request().window(WINDOW));
    assertThat(denoiser.frames()).hasSize(12).containsOnly(4);
  }

  @Test
  void aWindowOfTheWholeVideoIsBitForBitTheVideo() {
    try (TextToVideoPipeline real = realPipeline()) {
      GenerationRequest plain = realRequest().build();
      NdArray expected = real.prepare(plain).toLatents();
      for (int length : new int[] {3, 16}) {
        GenerationRequest windowed = plain.toBuilder().window(FrameWindow.of(length)).build();
        assertThat(real.prepare(windowed).toLatents()).isEqualTo(expected);
      }
      GenerationRequest loop = plain.toBuilder().window(FrameWindow.of(3).loop(true)).build();
      assertThat(real.prepare(loop).toLatents()).isNotEqualTo(expected);
    }
  }

  @Test
  void theSamePromptAtEachKeyFrameIsThePrompt() {
    try (TextToVideoPipeline real = realPipeline()) {
      GenerationRequest plain = realRequest().negativePrompt("blurry").build();
      float[] expected = real.prepare(plain).toLatents().values();
      GenerationRequest constant =
          plain.toBuilder().promptAt(2, "a red circle").negativePromptAt(1, "blurry").build();
      assertThat(real.prepare(constant).toLatents().values()).isEqualTo(expected);
      assertThat(real.plan(constant).peakBytes()).isEqualTo(real.plan(plain).peakBytes());
      GenerationRequest changed = plain.toBuilder().promptAt(2, "a blue square").build();
      assertThat(real.prepare(changed).toLatents().values()).isNotEqualTo(expected);
    }
  }

  private TextToVideoPipeline realPipeline() {
    return TextToVideoPipeline.builder()
        .checkpoint(GoldenModel.write("odd-latents", folder))
        .threads(1)
        .build();
  }

  private static GenerationRequest.Builder realRequest() {
    return GenerationRequest.builder("a red circle").steps(2).frames(3).seed(1).guidanceScale(5);
  }

  /** The stub adds its text, so that without guidance latents fall by it in each step. */
  @Test
  void blendsThePromptFrameByFrame() {
    for (FrameWindow window : List.of(FrameWindow.of(99), WINDOW, WINDOW.loop(true))) {
      GenerationRequest.Builder one = request().steps(1).guidanceScale(1).window(window);
      float[] start = latents(one).values();
      float[] middle = latents(one.promptAt(4, "b").promptAt(8, "a red circle")).values();
      float difference = embedding("b") - embedding("a red circle");
      float[] shares = {0, 0.25f, 0.5f, 0.75f, 1, 0.75f, 0.5f, 0.25f, 0, 0, 0};
      float[] expected = start.clone();
      for (int i = 0; i < expected.length; i++) {
        expected[i] -= difference * shares[i / 6 % 11];
      }
      Golden.assertClose("latents", middle, expected, ROUNDING);
    }
  }

  private static float embedding(String text) {
    return (text.hashCode() % 64) / 64f;
  }

  @Test
  void guidesOnceAStepOnTheWholeVideo() {
    Counting guidance = new Counting();
    latents(request().window(WINDOW).guidance(guidance));
    assertThat(guidance.calls)
        .containsExactly("0 of 11 frames", "1 of 11 frames", "2 of 11 frames");
  }

  private static final class Counting implements Guidance {
    private final List<String> calls = new ArrayList<>();

    @Override
    public String name() {
      return "Counting";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of();
    }

    @Override
    public GuidanceRun newRun() {
      GuidanceRun plain = ClassifierFreeGuidance.ofScale(3).newRun();
      return (Tensor negative, Tensor positive, GuidanceStep step) -> {
        calls.add(step.index() + " of " + positive.size(2) + " frames");
        return plain.combine(negative, positive, step);
      };
    }
  }

  @Test
  void correlatedNoiseRepeatsFrames() {
    FrameWindow window = WINDOW.correlatedNoise(true);
    assertThat(latents(request().window(window))).isNotEqualTo(latents(request().window(WINDOW)));
    assertThat(latents(request().window(window))).isEqualTo(latents(request().window(window)));
    assertThat(latents(request().window(window)))
        .isNotEqualTo(latents(request().window(window).build().toBuilder().seed(2)));
  }

  @Test
  void plansTheMemoryOfOneWindow() {
    try (TextToVideoPipeline real = realPipeline()) {
      GenerationRequest long200 = realRequest().build().toBuilder().frames(200).build();
      GenerationRequest windowed = long200.toBuilder().window(WINDOW).build();
      GenerationRequest four = long200.toBuilder().frames(4).build();
      assertThat(real.plan(windowed).peakBytes())
          .isEqualTo(real.plan(four).peakBytes())
          .isLessThan(real.plan(long200).peakBytes());
    }
  }

  /**
   * Channels of the layers that attend to text: 24 + 32 down, 32 in the middle, up twice 32 and 16.
   */
  @Test
  void plansTheTextOfEachFrame() {
    try (TextToVideoPipeline real = realPipeline()) {
      GenerationRequest plain = realRequest().build();
      GenerationRequest travelling = plain.toBuilder().promptAt(2, "b").build();
      long channels = 24 + 32 + 32 + 2 * 32 + 2 * 16;
      long tokens = 2 * 3 * 16; // both halves of guidance, three frames
      assertThat(real.plan(travelling).peakBytes() - real.plan(plain).peakBytes())
          .isEqualTo(2 * channels * tokens * Float.BYTES);
    }
  }

  @Test
  void reportsProgressAndLeavesNothingBehind() {
    GenerationRequest travelling =
        request().window(WINDOW.loop(true)).promptAt(5, "b").negativePromptAt(6, "c").build();
    pipeline.generate(travelling);
    List<Double> fractions = new ArrayList<>();
    NativeObjects objects = NativeObjects.count();
    Video video =
        pipeline.prepare(travelling).onProgress(p -> fractions.add(p.fraction())).toVideo();
    objects.assertNoMore();
    assertThat(video.frameCount()).isEqualTo(11);
    assertThat(fractions).isSorted();
    assertThat(denoiser.open()).isZero();
  }

  @Test
  void recordsItsSettings() {
    GenerationRequest request =
        request().window(WINDOW.loop(true)).promptAt(5, "b").negativePromptAt(10, "").build();
    Map<String, Object> window =
        ImmutableMap.of(
            "length",
            4,
            "overlap",
            1,
            "weights",
            "PYRAMID",
            "shiftEachStep",
            false,
            "loop",
            true,
            "correlatedNoise",
            false);
    assertThat(pipeline.generate(request).provenance().properties())
        .containsEntry(Provenance.WINDOW, window)
        .containsEntry(Provenance.PROMPT_AT, Map.of("5", "b"))
        .containsEntry(Provenance.NEGATIVE_PROMPT_AT, Map.of("10", ""));
    assertThat(pipeline.generate(request().build()).provenance().properties())
        .doesNotContainKeys(Provenance.WINDOW, Provenance.PROMPT_AT, Provenance.NEGATIVE_PROMPT_AT);
    assertThat(GenerationRequest.fromProperties(request.toProperties()))
        .isEqualTo(request)
        .isEqualTo(request.toBuilder().build())
        .isNotEqualTo(request.toBuilder().promptAt(5, "c").build())
        .isNotEqualTo(request.toBuilder().window(WINDOW).build());
  }

  @Test
  void refusesPropertiesThatAreNone() {
    Map<String, Object> prompts = Map.of("prompts", List.of("a"));
    assertRefused(prompts, "window", Map.of("overlap", 1), "expected a length in it");
    assertRefused(
        prompts, "window", Map.of("length", 4, "size", 1), "size of window is no setting");
    assertRefused(
        prompts,
        "window",
        Map.of("length", 4, "weights", "x"),
        "weights of window is x, expected FLAT or PYRAMID");
    assertRefused(
        prompts,
        "window",
        Map.of("length", 4, "loop", 1),
        "loop of window is 1, expected true or false");
    assertRefused(prompts, "promptAt", Map.of("x", "b"), "promptAt has the key x");
  }

  private static void assertRefused(
      Map<String, Object> base, String name, Object value, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GenerationRequest.fromProperties(
                    ImmutableMap.<String, Object>builder().putAll(base).put(name, value).build()))
        .withMessageContaining(message);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameWindow.of(0))
        .withMessage("the length of a window is 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameWindow.of(8).overlap(8))
        .withMessage("the overlap of windows is 8, expected 0 to 7, less than their length");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request().promptAt(0, "b"))
        .withMessageContaining("promptAt has the frame 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request().promptAt(3, " "))
        .withMessageContaining("promptAt(3) is blank");
    assertThatIllegalStateException()
        .isThrownBy(() -> request().promptAt(3, "b").promptAt(3, "c"))
        .withMessage("promptAt(3) was already set to b, now to c");
    assertContradicts(
        request().promptAt(11, "b"), "promptAt(11) is set, but the video ends with frame 10");
    assertContradicts(
        GenerationRequest.builder(List.of("a", "b")).negativePromptAt(3, "c"),
        "negativePromptAt(3) is set, but there are 2 prompts: expected one");
    NdArray embeddings = NdArray.of(new long[] {1, 5, 6}, new float[30]);
    assertContradicts(
        GenerationRequest.ofEmbeddings(embeddings).promptAt(3, "c"),
        "promptAt(3) is set together with embeddings");
    assertContradicts(
        request().negativeEmbeddings(embeddings).negativePromptAt(3, "c"),
        "negativePromptAt is set together with negativeEmbeddings");
    assertContradicts(
        request()
            .window(WINDOW.correlatedNoise(true))
            .latents(NdArray.of(new long[] {1, 1, 11, 1, 1}, new float[11])),
        "latents are set together with a window of correlatedNoise");
  }

  @Test
  void refusesADenoiserOfOneText() {
    try (TextToVideoPipeline oneText =
        TextToVideoPipeline.builder()
            .textEncoder(new StubTextEncoder(6))
            .denoiser(new OneText())
            .vaeDecoder(new StubDecoder(4))
            .scheduler(new StubScheduler())
            .threads(1)
            .build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> oneText.prepare(request().promptAt(3, "b").build()))
          .withMessageContainingAll(OneText.class.getName(), "takes one text for all frames");
      // ignored without guidance, as the negative prompt is
      oneText.prepare(request().guidanceScale(1).negativePromptAt(3, "b").build());
    }
  }

  private static final class OneText implements Unet3dDenoiser {
    @Override
    public int inChannels() {
      return 4;
    }

    @Override
    public int textWidth() {
      return 6;
    }

    @Override
    public Optional<LatentSize> sampleSize() {
      return Optional.of(new LatentSize(2, 3));
    }

    @Override
    public BoundDenoiser bind(Conditioning conditioning) {
      throw new AssertionError("nothing is computed");
    }

    @Override
    public void close() {}
  }

  private static void assertContradicts(GenerationRequest.Builder builder, String message) {
    assertThatIllegalStateException().isThrownBy(builder::build).withMessageContaining(message);
  }
}
