package io.t2v;

import static io.t2v.offload.Component.DENOISER;
import static io.t2v.offload.Component.TEXT_ENCODER;
import static io.t2v.offload.Component.VAE_DECODER;
import static io.t2v.offload.ResidencyEvent.Direction.LOADED;
import static io.t2v.offload.ResidencyEvent.Direction.RELEASED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import io.t2v.offload.ResidencyEvent;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.RecordingPolicy;
import io.t2v.testing.TinyPipeline;
import io.t2v.text.PromptSyntax;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a policy does with the weights, the frames stay the same. */
class OffloadTest {
  @TempDir Path folder;
  private Path checkpoint;

  @BeforeEach
  void writeModel() {
    checkpoint = GoldenModel.write("four-levels", folder.resolve("model"), "F16");
  }

  static Stream<OffloadPolicy> policies() {
    return Stream.of(
        OffloadPolicy.component(),
        OffloadPolicy.disk(),
        component -> Residency.KEPT,
        component -> Residency.LAYER_BY_LAYER,
        component -> component == TEXT_ENCODER ? Residency.LAYER_BY_LAYER : Residency.WHILE_USED);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void changesNothingInTheResult(OffloadPolicy policy) {
    GenerationRequest request =
        GenerationRequest.builder(List.of("a red circle", "a blue square"))
            .seed(7)
            .steps(2)
            .frames(2)
            .build();
    try (TextToVideoPipeline plain = open(OffloadPolicy.none());
        TextToVideoPipeline other = open(policy)) {
      assertThat(other.prepare(request).toLatents().values())
          .isEqualTo(plain.prepare(request).toLatents().values());
      GenerationRequest one = TinyPipeline.request().build();
      assertThat(other.generate(one).rgb(1)).isEqualTo(plain.generate(one).rgb(1));
    }
  }

  @ParameterizedTest
  @EnumSource(PromptSyntax.class)
  void componentsComeOneAfterTheOther(PromptSyntax syntax) {
    RecordingPolicy policy = new RecordingPolicy(OffloadPolicy.component());
    try (TextToVideoPipeline pipeline = open(policy)) {
      pipeline.generate(
          TinyPipeline.request().promptSyntax(syntax).negativePrompt("blurred").build());
      assertThat(policy.takeMoves())
          .containsExactly(
              new ResidencyEvent(TEXT_ENCODER, "", LOADED),
              new ResidencyEvent(TEXT_ENCODER, "", RELEASED),
              new ResidencyEvent(DENOISER, "", LOADED),
              new ResidencyEvent(DENOISER, "", RELEASED),
              new ResidencyEvent(VAE_DECODER, "", LOADED),
              new ResidencyEvent(VAE_DECODER, "", RELEASED));
    }
  }

  @Test
  void keptComponentsComeOnce() {
    RecordingPolicy policy = new RecordingPolicy(OffloadPolicy.none());
    try (TextToVideoPipeline pipeline = open(policy)) {
      pipeline.generate(TinyPipeline.request().guidanceScale(1).build());
      assertThat(policy.takeMoves())
          .containsExactly(
              new ResidencyEvent(TEXT_ENCODER, "", LOADED),
              new ResidencyEvent(TEXT_ENCODER, "", RELEASED),
              new ResidencyEvent(DENOISER, "", LOADED),
              new ResidencyEvent(VAE_DECODER, "", LOADED));
      pipeline.generate(TinyPipeline.request().seed(2).guidanceScale(1).build());
      assertThat(policy.takeMoves()).as("the prompt is remembered").isEmpty();
    }
    assertThat(policy.takeMoves())
        .containsExactlyInAnyOrder(
            new ResidencyEvent(DENOISER, "", RELEASED),
            new ResidencyEvent(VAE_DECODER, "", RELEASED));
  }

  @Test
  void layersComeOneAfterTheOtherOnceAStepForBothHalvesOfGuidance() {
    RecordingPolicy policy = new RecordingPolicy(OffloadPolicy.disk());
    try (TextToVideoPipeline pipeline = open(policy)) {
      pipeline.prepare(TinyPipeline.request().steps(3).guidanceScale(9).build()).toLatents();
      List<ResidencyEvent> moves = policy.takeMoves();
      for (int i = 0; i < moves.size(); i += 2) {
        ResidencyEvent in = moves.get(i);
        assertThat(in.direction()).isEqualTo(LOADED);
        assertThat(moves.get(i + 1))
            .isEqualTo(new ResidencyEvent(in.component(), in.part(), RELEASED));
      }
      assertThat(moves)
          .filteredOn(new ResidencyEvent(DENOISER, "mid_block", LOADED)::equals)
          .as("once a step")
          .hasSize(3);
      assertThat(moves)
          .filteredOn(new ResidencyEvent(DENOISER, "up_blocks.1.resnets.0", LOADED)::equals)
          .hasSize(3);
      assertThat(moves)
          .filteredOn(move -> move.part().endsWith("attn2") && move.direction() == LOADED)
          .as("projections of the text, once a generation")
          .doesNotHaveDuplicates()
          .isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void runningOutOfMemoryLeavesThePipelineUsable(OffloadPolicy inner) {
    checkpoint = GoldenModel.write("one-level", folder.resolve("small"), "F16");
    RecordingPolicy policy = new RecordingPolicy(inner);
    GenerationRequest request = TinyPipeline.request().build();
    try (TextToVideoPipeline plain = open(OffloadPolicy.none());
        TextToVideoPipeline pipeline = open(policy)) {
      byte[] expected = plain.generate(request).rgb(1);
      NativeObjects objects = NativeObjects.count();
      policy.atEachMove(RunOut::whenTheDenoiserComes);
      assertThatThrownBy(() -> pipeline.generate(request)).isInstanceOf(OutOfMemoryError.class);
      policy.atEachMove(move -> {});
      assertThat(pipeline.generate(request).rgb(1)).isEqualTo(expected);
      pipeline.close();
      objects.assertNoMore();
    }
  }

  @Test
  void saysThatLibtorchRanOutOfMemory() {
    RecordingPolicy policy = new RecordingPolicy(OffloadPolicy.component());
    GenerationRequest request = TinyPipeline.request().build();
    try (TextToVideoPipeline pipeline = open(policy)) {
      byte[] expected = pipeline.generate(request).rgb(1);
      RuntimeException refused =
          new RuntimeException(
              "CUDA out of memory. Tried to allocate 2.00 GiB.\nException raised from malloc at x");
      policy.atEachMove(
          move -> {
            throw refused;
          });
      assertThatExceptionOfType(InsufficientMemoryException.class)
          .isThrownBy(() -> pipeline.generate(request))
          .withMessageStartingWith(
              "This generation ran out of memory: CUDA out of memory. Tried to allocate 2.00 GiB."
                  + " What it was planned to take: offload ")
          .withCause(refused)
          .satisfies(e -> assertThat(e.plan().peakBytes()).isPositive());
      policy.atEachMove(move -> {});
      assertThat(pipeline.generate(request).rgb(1)).isEqualTo(expected);
    }
  }

  @Test
  void streamingIsForDevicesWithMemoryOfTheirOwn() {
    NativeObjects objects = NativeObjects.count();
    assertThatThrownBy(() -> open(OffloadPolicy.streaming()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "streaming is for devices with memory of their own, and cpu has none; disk() reads"
                + " layers from the files instead");
    objects.assertNoMore();
  }

  private static final class RunOut {
    static void whenTheDenoiserComes(ResidencyEvent move) {
      if (move.component() == DENOISER && move.direction() == LOADED) {
        throw new OutOfMemoryError("a cap");
      }
    }
  }

  private TextToVideoPipeline open(OffloadPolicy policy) {
    return TextToVideoPipeline.builder().checkpoint(checkpoint).offload(policy).threads(1).build();
  }
}
