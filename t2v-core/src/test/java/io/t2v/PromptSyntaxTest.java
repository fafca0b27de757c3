package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.text.PromptSyntax;
import io.t2v.unet.LatentSize;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights, long prompts and learned words in a whole generation, on a tiny model. */
class PromptSyntaxTest {
  private static final double BATCH_TOLERANCE = 1e-4;

  /** More than the 14 tokens of a chunk. */
  private static final String LONG = "a b c d e f g h i j k l m n o p (red:1.3)";

  @TempDir static Path folder;
  private static Path learned;
  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() throws URISyntaxException {
    learned = Path.of(Resources.getResource("golden/prompts/learned/three.bin").toURI());
    pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(GoldenModel.write("four-levels", folder.resolve("model")))
            .learnedWords(learned)
            .threads(1)
            .build();
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  private static NdArray latents(GenerationRequest.Builder builder) {
    return pipeline.prepare(tiny(builder).build()).toLatents();
  }

  private static GenerationRequest.Builder tiny(GenerationRequest.Builder builder) {
    return builder.frames(2).size(32, 32).steps(2).seed(3);
  }

  private static GenerationRequest.Builder weighted(String... prompts) {
    return GenerationRequest.builder(List.of(prompts)).promptSyntax(PromptSyntax.A1111);
  }

  @Test
  void aPromptWithoutWeightsIsAPlainOne() {
    assertThat(latents(weighted("a red circle").negativePrompt("black")))
        .isEqualTo(latents(GenerationRequest.builder("a red circle").negativePrompt("black")));
  }

  @Test
  void signsAreContentUnlessASyntaxIsSet() {
    String prompt = "a (red:1.5) circle";
    assertThat(latents(GenerationRequest.builder(prompt)))
        .isEqualTo(latents(GenerationRequest.builder(prompt).promptSyntax(PromptSyntax.PLAIN)))
        .isNotEqualTo(latents(weighted(prompt)));
  }

  @Test
  void weightsChangePromptAndNegativePrompt() {
    NdArray plain = latents(weighted("a red circle").negativePrompt("black"));
    assertThat(latents(weighted("a (red:1.5) circle").negativePrompt("black"))).isNotEqualTo(plain);
    assertThat(latents(weighted("a red circle").negativePrompt("[black] on"))).isNotEqualTo(plain);
  }

  @Test
  void aLongPromptIsTakenAsAWhole() throws IOException {
    assertThat(latents(weighted(LONG))).isNotEqualTo(latents(weighted(LONG + " circle")));
    Video video = pipeline.generate(tiny(weighted(LONG).negativePrompt("a (red)")).build());
    assertThat(video.provenance().properties())
        .containsEntry(Provenance.PROMPT_SYNTAX, "A1111")
        .containsEntry(
            Provenance.LEARNED_WORDS,
            List.of(
                Map.of(
                    "file",
                    learned.toString(),
                    "sha256",
                    Hashing.sha256().hashBytes(Files.readAllBytes(learned)).toString())))
        .doesNotContainKey(Provenance.TRUNCATED_TEXT);
  }

  @Test
  void aLongNegativePromptSetsTheLengthOfBoth() {
    assertThat(latents(weighted("a red circle").negativePrompt(LONG)))
        .isNotEqualTo(latents(weighted("a red circle").negativePrompt("a b c")));
  }

  /** Both have two chunks: another number of chunks is another prompt. */
  @Test
  void aVideoOfABatchIsWhatItIsAlone() {
    String other = "BREAK (black:0.5)";
    NdArray both = latents(weighted(LONG, other));
    Golden.assertClose(
        "second", both.entry(1).values(), latents(weighted(other)).values(), BATCH_TOLERANCE);
  }

  @Test
  void aLearnedWordChangesThePromptThatNamesIt() {
    assertThat(latents(GenerationRequest.builder("a <three>")))
        .isEqualTo(latents(weighted("a <three>")))
        .isNotEqualTo(latents(GenerationRequest.builder("a < three >")));
  }

  @Test
  void compelsSyntaxCombinesPromptsOfBothHalves() {
    String prompt = "(\"a red+ circle\", \"a (blue)0.5 square\").blend(1, 2)";
    GenerationRequest.Builder compel =
        GenerationRequest.builder(prompt).promptSyntax(PromptSyntax.COMPEL);
    NdArray mixed = latents(compel);
    NdArray other =
        latents(
            GenerationRequest.builder(prompt)
                .promptSyntax(PromptSyntax.COMPEL)
                .negativePrompt("(\"black\", \"white\").and()"));
    assertThat(mixed)
        .isNotEqualTo(other)
        .isNotEqualTo(latents(GenerationRequest.builder("a red circle")));
    assertThat(
            latents(
                GenerationRequest.builder("a red circle")
                    .negativePrompt("black")
                    .promptSyntax(PromptSyntax.COMPEL)))
        .isEqualTo(latents(GenerationRequest.builder("a red circle").negativePrompt("black")));
  }

  @Test
  void theSyntaxIsPartOfARequest() {
    GenerationRequest request = weighted("a (red) circle").build();
    assertThat(request.toProperties()).containsEntry("promptSyntax", "A1111");
    assertThat(GenerationRequest.fromProperties(request.toProperties())).isEqualTo(request);
    assertThat(request.toBuilder().promptSyntax(PromptSyntax.PLAIN).build())
        .isNotEqualTo(request)
        .isEqualTo(GenerationRequest.builder("a (red) circle").build());
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GenerationRequest.fromProperties(
                    Map.of("prompts", List.of("a"), "promptSyntax", "OTHER")))
        .withMessage("promptSyntax is OTHER, expected PLAIN or A1111 or COMPEL");
  }

  @Test
  void refusesAMalformedPromptBeforeWorkStarts() {
    assertThatIllegalStateException()
        .isThrownBy(() -> weighted("a (red:1.2.3) circle").negativePrompt("(b:..)").build())
        .withMessageContainingAll("the weight 1.2.3 in the prompt", "the weight .. in the prompt");
  }

  @Test
  void refusesEmbeddings() {
    NdArray embeddings = NdArray.of(new long[] {1, 16, 24}, new float[16 * 24]);
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                GenerationRequest.ofEmbeddings(embeddings).promptSyntax(PromptSyntax.A1111).build())
        .withMessageContaining("promptSyntax = A1111 is set together with embeddings");
  }

  @Test
  void refusesAnEncoderOfTextsAlone() {
    StubTextEncoder encoder = new StubTextEncoder(6);
    try (TextToVideoPipeline stubs =
        TextToVideoPipeline.builder()
            .textEncoder(encoder)
            .denoiser(new StubDenoiser(6, new LatentSize(2, 3)))
            .vaeDecoder(new StubDecoder(4))
            .scheduler(new StubScheduler())
            .threads(1)
            .build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stubs.prepare(weighted("a (red) circle").build()))
          .withMessageContaining(StubTextEncoder.class.getName() + " takes plain prompts alone");
    }
    assertThat(encoder.calls()).isZero();
  }

  @Test
  void refusesLearnedWordsBesideAnEncoderOfOnesOwn() {
    PipelineBuilder builder =
        TextToVideoPipeline.builder()
            .checkpoint(folder.resolve("model"))
            .textEncoder(new StubTextEncoder(24))
            .learnedWords(learned);
    assertThatIllegalStateException()
        .isThrownBy(builder::build)
        .withMessageContainingAll("learnedWords = [" + learned + "]", "together with textEncoder");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextToVideoPipeline.builder().learnedWords())
        .withMessageContaining("learnedWords has no file");
  }
}
