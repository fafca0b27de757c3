package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.unet.FreeU;
import io.t2v.unet.LatentSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FreeU and the strengths of temporal layers, as settings of a request. */
class AdjustedGenerationTest {
  @TempDir Path folder;

  private static GenerationRequest plain() {
    return GenerationRequest.builder("a red circle")
        .negativePrompt("blurry")
        .steps(2)
        .frames(3)
        .seed(1)
        .guidanceScale(5)
        .build();
  }

  private static GenerationRequest adjusted() {
    return plain().toBuilder()
        .freeU(FreeU.recommended())
        .temporalAttentionStrength(0.5)
        .temporalConvStrength(0)
        .build();
  }

  @Test
  void eachSettingChangesItsOwnGenerationAlone() {
    try (TextToVideoPipeline pipeline = pipeline()) {
      NdArray expected = pipeline.prepare(plain()).toLatents();
      for (GenerationRequest one :
          List.of(
              plain().toBuilder().freeU(FreeU.recommended()).build(),
              plain().toBuilder().temporalAttentionStrength(0.5).build(),
              plain().toBuilder().temporalConvStrength(0.5).build())) {
        assertThat(pipeline.prepare(one).toLatents()).isNotEqualTo(expected);
      }
      assertThat(pipeline.prepare(plain()).toLatents()).isEqualTo(expected);
    }
  }

  /** With neither kind of temporal layer, a frame is what its own noise makes of it. */
  @Test
  void withoutTemporalLayersFramesAreComputedAlone() {
    try (TextToVideoPipeline pipeline = pipeline()) {
      GenerationRequest spatial =
          plain().toBuilder().temporalAttentionStrength(0).temporalConvStrength(0).build();
      float[] noise = new float[4 * 3 * 5 * 7];
      for (int i = 0; i < noise.length; i++) {
        noise[i] = (float) Math.sin(i % 35 + i / 105); // the same in each frame
      }
      NdArray latents =
          pipeline
              .prepare(
                  spatial.toBuilder()
                      .latents(NdArray.of(new long[] {1, 4, 3, 5, 7}, noise))
                      .build())
              .toLatents();
      float[] ofFirstFrame = latents.values();
      for (int i = 0; i < ofFirstFrame.length; i++) {
        ofFirstFrame[i] = ofFirstFrame[i / 105 * 105 + i % 35];
      }
      Golden.assertClose("every frame", latents.values(), ofFirstFrame, 1e-5);
    }
  }

  @Test
  void windowsKeepTheAdjustments() {
    try (TextToVideoPipeline pipeline = pipeline()) {
      NdArray whole = pipeline.prepare(adjusted()).toLatents();
      GenerationRequest windowed = adjusted().toBuilder().window(FrameWindow.of(2)).build();
      GenerationRequest plainWindows = plain().toBuilder().window(FrameWindow.of(2)).build();
      NdArray windows = pipeline.prepare(windowed).toLatents();
      assertThat(windows).isNotEqualTo(pipeline.prepare(plainWindows).toLatents());
      assertThat(
              pipeline
                  .prepare(adjusted().toBuilder().window(FrameWindow.of(3)).build())
                  .toLatents())
          .isEqualTo(whole);
    }
  }

  @Test
  void theRecordSaysWhatWasAdjusted() {
    try (TextToVideoPipeline pipeline = pipeline()) {
      Map<String, Object> record = pipeline.generate(adjusted()).provenance().properties();
      assertThat(record)
          .containsEntry(Provenance.FREE_U, Map.of("b1", 1.2, "b2", 1.4, "s1", 0.9, "s2", 0.2))
          .containsEntry(Provenance.TEMPORAL_ATTENTION_STRENGTH, 0.5)
          .containsEntry(Provenance.TEMPORAL_CONV_STRENGTH, 0.0);
      assertThat(pipeline.generate(plain()).provenance().properties())
          .doesNotContainKeys(
              Provenance.FREE_U,
              Provenance.TEMPORAL_ATTENTION_STRENGTH,
              Provenance.TEMPORAL_CONV_STRENGTH);
    }
  }

  @Test
  void plainValuesMakeAnEqualRequest() {
    assertThat(GenerationRequest.fromProperties(adjusted().toProperties())).isEqualTo(adjusted());
    assertThat(adjusted()).isNotEqualTo(plain());
    assertThat(plain().toProperties()).doesNotContainKey("freeU");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GenerationRequest.fromProperties(
                    Map.of("prompts", List.of("a"), "freeU", Map.of("b1", 1))))
        .withMessage("freeU is {b1=1}, expected b1, b2, s1 and s2");
  }

  @Test
  void refusesStrengthsOutOfRangeAndSettingsMadeTwice() {
    GenerationRequest.Builder builder = GenerationRequest.builder("a").temporalConvStrength(0.5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.temporalAttentionStrength(-0.1))
        .withMessageStartingWith("temporalAttentionStrength is -0.1, expected");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.temporalConvStrength(0.7))
        .withMessageContainingAll("0.5", "0.7");
  }

  @Test
  void refusesToAdjustADenoiserThatDoesNotTakeIt() {
    try (TextToVideoPipeline stub =
        TextToVideoPipeline.builder()
            .textEncoder(new StubTextEncoder(6))
            .denoiser(new StubDenoiser(6, new LatentSize(2, 3)))
            .vaeDecoder(new StubDecoder(4))
            .scheduler(new StubScheduler())
            .threads(1)
            .build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stub.prepare(adjusted()))
          .withMessageContainingAll("freeU", StubDenoiser.class.getName());
    }
  }

  private TextToVideoPipeline pipeline() {
    return TextToVideoPipeline.builder()
        .checkpoint(GoldenModel.write("odd-latents", folder))
        .threads(1)
        .build();
  }
}
