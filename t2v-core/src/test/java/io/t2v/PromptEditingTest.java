package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.internal.torch.HostTensors;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan.Share;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.text.PromptSyntax;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.ForwardingDenoiser;
import io.t2v.unet.Unet3dDenoiser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prompts that change from step to step, in whole generations of a tiny model. */
class PromptEditingTest {
  @TempDir static Path folder;
  private static final Texts TEXTS = new Texts();

  /** Three layers on the way down, one in the middle, four on the way up. */
  private static final int WIDTH_OF_ALL_LAYERS = 8 * 16;

  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() {
    pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(GoldenModel.write("one-level", folder.resolve("model")))
            .denoiser(TEXTS::wrap)
            .threads(1)
            .build();
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  private static GenerationRequest.Builder request(String... prompts) {
    return GenerationRequest.builder(List.of(prompts))
        .promptSyntax(PromptSyntax.A1111)
        .frames(2)
        .size(16, 8)
        .steps(4)
        .seed(3)
        .guidanceScale(2);
  }

  private static float[] latents(GenerationRequest.Builder builder) {
    TEXTS.forget();
    return pipeline.prepare(builder.build()).toLatents().values();
  }

  /** The text that a run of one prompt reads. */
  private static float[] text(GenerationRequest.Builder builder) {
    latents(builder);
    return TEXTS.bound.get(0);
  }

  @Test
  void eachStepReadsItsTextAndEachTextIsBoundOnce() {
    float[] red = text(request("a red circle").negativePrompt("x"));
    float[] blue = text(request("a blue circle").negativePrompt("x"));
    latents(request("a [red:blue:0.5] circle").negativePrompt("x"));
    assertThat(TEXTS.bound).containsExactly(red, blue);
    assertThat(TEXTS.read).containsExactly(0, 0, 0, 1);
    assertThat(TEXTS.mostOpen).isEqualTo(1);

    latents(request("a [red|blue] circle").negativePrompt("x"));
    assertThat(TEXTS.bound).containsExactly(red, blue);
    assertThat(TEXTS.read).containsExactly(0, 0, 1, 0);
    assertThat(TEXTS.mostOpen).isEqualTo(2);
  }

  /**
   * Against what a run binds at most. Where guidance pauses, the plan does not know which texts
   * both halves read.
   */
  @ParameterizedTest
  @CsvSource({
    "a red circle, 1, 1",
    "a [red:blue:0.5] circle, 1, 1",
    "a [red|blue] circle, 1, 1",
    "a [red|blue|green] circle, 1, 1",
    "a b c d e f g h i j k l m n o p q [r|s] t u v, 1, 1",
    "a [red|blue] circle, 0.5, 1.5",
  })
  void thePlanCountsTextsThatAreBoundAtTheSameTime(String prompt, double stop, double most) {
    GenerationRequest.Builder edited =
        request(prompt, "a red square").guidanceStop(stop).build().toBuilder().steps(8);
    latents(edited);
    long bytes = 2L * WIDTH_OF_ALL_LAYERS * Float.BYTES * TEXTS.mostTokens;
    GenerationRequest plain =
        GenerationRequest.builder(List.of("a", "b")).frames(2).size(16, 8).build();
    assertThat(plannedForDenoiser(edited.build()) - plannedForDenoiser(plain))
        .isBetween(bytes, (long) (most * bytes));
  }

  private static long plannedForDenoiser(GenerationRequest request) {
    return pipeline.plan(request).shares().stream()
        .filter(share -> share.component() == Component.DENOISER)
        .mapToLong(Share::activationBytes)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void editsNegativePromptsAndWeightsToo() {
    float[] strong = text(request("a (red:1.5) circle").negativePrompt("x"));
    float[] other = text(request("a blue circle").negativePrompt("y"));
    latents(request("a [(red:1.5):blue:1] circle").negativePrompt("[x:y:1]"));
    assertThat(TEXTS.bound).containsExactly(strong, other);
    assertThat(TEXTS.read).containsExactly(0, 0, 1, 1);
  }

  @Test
  void stepsWithoutGuidanceReadThePromptOfTheStep() {
    latents(request("a [red|blue] circle").guidanceStop(0.5));
    assertThat(TEXTS.read).containsExactly(0, 0, 1, 2);
    assertThat(TEXTS.bound.get(1)).hasSize(TEXTS.bound.get(0).length / 2);
  }

  @Test
  void anEditThatChangesNothingIsThePromptBitForBit() {
    float[] plain = latents(request("a red circle"));
    assertThat(latents(request("a [red|red] circle"))).isEqualTo(plain);
    assertThat(latents(request("a [red:blue:4] circle"))).isEqualTo(plain);
    assertThat(latents(request("a [red:blue:2] circle"))).isNotEqualTo(plain);
    assertThat(latents(request("a [red:blue:2] circle").window(FrameWindow.of(2))))
        .isEqualTo(latents(request("a [red:blue:2] circle")));
  }

  @Test
  void aVideoOfABatchIsWhatItIsAlone() {
    float[] both = latents(request("a [red:blue:1] circle", "a [green|white] square"));
    float[] alone = latents(request("a [green|white] square"));
    float[] second = Arrays.copyOfRange(both, both.length / 2, both.length);
    Golden.assertClose("second", second, alone, 1e-4);
  }

  @Test
  void leavesNoNativeObjectsBehind() {
    latents(request("a [red:blue:1] [circle|square]").guidanceStop(0.5));
    NativeObjects objects = NativeObjects.count();
    latents(request("a [red:blue:1] [circle|square]").guidanceStop(0.5));
    objects.assertNoMore();
  }

  @Test
  void isNotCombinedWithPromptsOfLaterFrames() {
    assertThatIllegalStateException()
        .isThrownBy(() -> request("a [red:blue:1] circle").promptAt(1, "a square").build())
        .withMessageContaining("promptSyntax = A1111 is set together with promptAt");
  }

  /** Records which text each step reads. */
  private static final class Texts {
    private final List<float[]> bound = new ArrayList<>();
    private final List<Integer> read = new ArrayList<>();
    private int open;
    private int mostOpen;
    private long openTokens;
    private long mostTokens;

    void forget() {
      bound.clear();
      read.clear();
      mostOpen = 0;
      mostTokens = 0;
    }

    Unet3dDenoiser wrap(Unet3dDenoiser denoiser) {
      return new ForwardingDenoiser(denoiser) {
        @Override
        public BoundDenoiser bind(Conditioning conditioning) {
          return record(super.bind(conditioning), conditioning.text());
        }
      };
    }

    private BoundDenoiser record(BoundDenoiser denoiser, Tensor text) {
      int index = bound.size();
      bound.add(HostTensors.toFloats(text));
      mostOpen = Math.max(mostOpen, ++open);
      long tokens = text.size(0) * text.size(1);
      openTokens += tokens;
      mostTokens = Math.max(mostTokens, openTokens);
      return new BoundDenoiser() {
        @Override
        public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
          read.add(index);
          return denoiser.predict(latents, timestep, listener);
        }

        @Override
        public void close() {
          open--;
          openTokens -= tokens;
          denoiser.close();
        }
      };
    }
  }
}
