package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.scheduler.DdimScheduler;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.unet.LatentSize;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that do not fit the model: refused before anything is computed. */
class RequestFitTest {
  private static final int WIDTH = 6;

  private final StubTextEncoder textEncoder = new StubTextEncoder(WIDTH);
  private final StubDenoiser denoiser = new StubDenoiser(WIDTH, new LatentSize(2, 3));
  private final StubDecoder decoder = new StubDecoder(4);
  private final TextToVideoPipeline pipeline =
      TextToVideoPipeline.builder()
          .textEncoder(textEncoder)
          .denoiser(denoiser)
          .vaeDecoder(decoder)
          .scheduler(new StubScheduler())
          .threads(1)
          .build();

  @AfterEach
  void close() {
    pipeline.close();
  }

  @ParameterizedTest
  @CsvSource({
    "12, 16, width is 12, 8 or 16",
    "16, 25, height is 25, 24 or 32",
    "7, 8, width is 7, 8 or 16",
    "8, 1, height is 1, 8 or 16"
  })
  void refusesASizeThatIsNoMultiple(int width, int height, String what, String neighbours) {
    assertRefused(
        request().size(width, height), what + ", expected a multiple of 8, such as " + neighbours);
  }

  @Test
  void refusesMoreStepsThanTheSchedulerWasTrainedOn() {
    assertRefused(request().steps(101), "steps is 101", "100");
  }

  @Test
  void refusesMoreStepsThanDdimWasTrainedOn() {
    try (TextToVideoPipeline ddim =
        TextToVideoPipeline.builder()
            .textEncoder(textEncoder)
            .denoiser(denoiser)
            .vaeDecoder(decoder)
            .scheduler(DdimScheduler::fromConfig)
            .build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ddim.prepare(request().steps(1001).build()))
          .withMessageContainingAll("1001", "1000");
    }
    assertNothingWasComputed();
  }

  @Test
  void refusesToSkipMoreLayersThanThereAre() {
    assertRefused(
        request().clipSkip(4),
        "clipSkip is 4, expected at most 3: the text encoder has no more layers");
  }

  @ParameterizedTest
  @CsvSource({"1, 3, 2, 2, 3", "1, 4, 2, 3, 2", "1, 4, 2, 16, 24"})
  void refusesLatentsOfAnotherShape(long n, long channels, long frames, long height, long width) {
    NdArray latents = zeros(n, channels, frames, height, width);
    assertRefused(
        request().frames(2).latents(latents),
        "latents are " + latents + ", expected [1, 4, 2, 2, 3]");
  }

  @Test
  void refusesEmbeddingsOfAnotherWidth() {
    assertRefused(
        GenerationRequest.ofEmbeddings(zeros(1, 5, 7)),
        "embeddings are NdArray[1, 5, 7], expected [videos, tokens, 6]");
  }

  @ParameterizedTest
  @CsvSource({"1", "6"})
  void refusesEmbeddingsThatNoNegativePromptCanMatch(long tokens) {
    assertRefused(
        GenerationRequest.ofEmbeddings(zeros(1, tokens, WIDTH)),
        "embeddings are NdArray[1, " + tokens + ", 6]",
        "2 to 5 tokens: give negativeEmbeddings as well");
    GenerationRequest unguided =
        GenerationRequest.ofEmbeddings(zeros(1, tokens, WIDTH)).guidanceScale(1).steps(1).build();
    assertThat(pipeline.generate(unguided).frameCount()).isEqualTo(16);
  }

  @ParameterizedTest
  @CsvSource({"1, 4, 6", "1, 5, 7"})
  void refusesNegativeEmbeddingsOfAnotherShape(long videos, long tokens, long width) {
    NdArray negative = zeros(videos, tokens, width);
    assertRefused(
        request().negativeEmbeddings(negative),
        "negativeEmbeddings are " + negative + ", expected [1, 5, 6]");
  }

  @Test
  void refusesASizeThatNobodyNames() {
    try (TextToVideoPipeline sizeless =
        TextToVideoPipeline.builder()
            .textEncoder(textEncoder)
            .denoiser(new StubDenoiser(WIDTH, null))
            .vaeDecoder(decoder)
            .scheduler(new StubScheduler())
            .build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sizeless.generate("a panda"))
          .withMessageContainingAll("the checkpoint names no size", "size(256, 256)");
    }
    assertNothingWasComputed();
  }

  @Test
  void refusesOneVideoOfSeveralPrompts() {
    Generation two =
        pipeline.prepare(GenerationRequest.builder(List.of("a panda", "a koala")).build());
    assertThatIllegalStateException()
        .isThrownBy(two::toVideo)
        .withMessage("the request asks for 2 videos: use toVideos()");
    assertNothingWasComputed();
  }

  @Test
  void runsOnComponentsOfOthers() {
    Video video = pipeline.generate(request().seed(5).frames(3).steps(4).build());
    assertThat(video.frameCount()).isEqualTo(3);
    assertThat(video.width()).isEqualTo(24);
    assertThat(video.height()).isEqualTo(16);
    assertThat(textEncoder.calls()).as("prompt and negative prompt").isEqualTo(2);
    assertThat(denoiser.bound()).isEqualTo(1);
    assertThat(denoiser.open()).isZero();
    assertThat(denoiser.predictions()).isEqualTo(4);
    assertThat(decoder.frames()).isEqualTo(3);
    assertThat(video.provenance().properties())
        .containsEntry(Provenance.SCHEDULER, "StubScheduler")
        .containsEntry(Provenance.SCHEDULER_CONFIG, Map.of("strength", 1.0))
        .doesNotContainKey(Provenance.CHECKPOINT);
  }

  @Test
  void leavesComponentsOfOthersOpen() {
    pipeline.close();
    pipeline.close();
    assertThat(textEncoder.isClosed()).isFalse();
    assertThat(denoiser.isClosed()).isFalse();
    assertThat(decoder.isClosed()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> pipeline.generate("a panda"))
        .withMessage("this pipeline is closed");
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder("a panda");
  }

  private static NdArray zeros(long... shape) {
    int count = 1;
    for (long dimension : shape) {
      count *= (int) dimension;
    }
    return NdArray.of(shape, new float[count]);
  }

  private void assertRefused(GenerationRequest.Builder builder, String... parts) {
    GenerationRequest request = builder.build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline.generate(request))
        .withMessageContainingAll(parts);
    assertNothingWasComputed();
  }

  private void assertNothingWasComputed() {
    assertThat(textEncoder.calls() + denoiser.bound() + decoder.frames()).isZero();
  }
}
