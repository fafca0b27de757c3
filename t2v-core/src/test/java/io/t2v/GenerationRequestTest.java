package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that cannot be, whatever the model. */
class GenerationRequestTest {
  private final GenerationRequest.Builder builder = GenerationRequest.builder("a panda");

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n", "\u2003"})
  void refusesABlankPrompt(String prompt) {
    assertRefused(
        () -> GenerationRequest.builder(prompt),
        "a prompt is blank, expected a sentence",
        "GenerationRequest.unconditional()");
    assertRefused(() -> GenerationRequest.builder(List.of("a panda", prompt)), "a prompt is blank");
  }

  @Test
  void refusesNoPrompt() {
    assertRefused(
        () -> GenerationRequest.builder(List.of()), "there is no prompt, expected at least one");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void refusesWhatIsBelowOne(int value) {
    assertRefused(() -> builder.steps(value), "steps is " + value + ", expected at least 1");
    assertRefused(() -> builder.frames(value), "frames is " + value + ", expected at least 1");
    assertRefused(() -> builder.size(value, 8), "width is " + value + ", expected at least 1");
    assertRefused(() -> builder.size(8, value), "height is " + value + ", expected at least 1");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void refusesGuidanceThatIsNotFinite(double scale) {
    assertRefused(
        () -> builder.guidanceScale(scale),
        "guidanceScale is " + scale + ", expected a finite number");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, -0.01, 1.01, Double.POSITIVE_INFINITY})
  void refusesAnEtaOutOfRange(double eta) {
    assertRefused(() -> builder.eta(eta), "eta is " + eta + ", expected 0 to 1");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -8, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesAnImpossibleFrameRate(double framesPerSecond) {
    assertRefused(
        () -> builder.framesPerSecond(framesPerSecond),
        "framesPerSecond is " + framesPerSecond + ", expected a finite number above 0");
  }

  @Test
  void refusesANegativeClipSkip() {
    assertRefused(() -> builder.clipSkip(-1), "clipSkip is -1, expected at least 0");
  }

  @Test
  void refusesLatentsAndEmbeddingsOfAnotherRank() {
    NdArray vector = ones(4);
    assertRefused(
        () -> builder.latents(vector),
        "latents are NdArray[4], expected [videos, channels, frames, height, width]");
    assertRefused(
        () -> GenerationRequest.ofEmbeddings(vector),
        "embeddings are NdArray[4], expected [videos, tokens, width]");
    assertRefused(
        () -> builder.negativeEmbeddings(vector),
        "negativeEmbeddings are NdArray[4], expected [videos, tokens, width]");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void refusesNumbersThatAreNotFinite(float value) {
    NdArray latents = NdArray.of(new long[] {1, 1, 1, 1, 2}, new float[] {0, value});
    NdArray embeddings = NdArray.of(new long[] {1, 1, 2}, new float[] {value, 0});
    assertRefused(() -> builder.latents(latents), "latents hold a value that is not finite");
    assertRefused(
        () -> GenerationRequest.ofEmbeddings(embeddings),
        "embeddings hold a value that is not finite");
    assertRefused(
        () -> builder.negativeEmbeddings(embeddings),
        "negativeEmbeddings hold a value that is not finite");
  }

  @Test
  void refusesArraysWhoseShapeAndValuesDisagree() {
    assertRefused(
        () -> NdArray.of(new long[] {2, 3}, new float[5]), "[2, 3] needs 6 values, got 5");
    assertRefused(() -> NdArray.of(new long[] {2, 0}, new float[0]), "dimensions of at least 1");
    assertRefused(() -> NdArray.of(new long[] {-1, -6}, new float[6]), "dimensions of at least 1");
    assertRefused(
        () -> NdArray.of(new long[] {1L << 62, 4}, new float[0]),
        "shape is [4611686018427387904, 4], expected at most 2147483647 values");
  }

  @Test
  void namesEveryContradictionInOneMessage() {
    GenerationRequest.Builder contradictory =
        GenerationRequest.builder(List.of("a panda", "a koala"))
            .negativePrompts(List.of("x", "y", "z"))
            .negativeEmbeddings(ones(3, 5, 4))
            .seeds(List.of(1L, 2L, 3L))
            .frames(7)
            .latents(ones(1, 4, 6, 2, 2));
    assertThatIllegalStateException()
        .isThrownBy(contradictory::build)
        .withMessageStartingWith("the request contradicts itself: ")
        .withMessageContainingAll(
            "negativePrompts has 3 entries, expected 1 or 2",
            "seeds has 3 entries, expected 1 or 2",
            "negativePrompts = [x, y, z] is set together with negativeEmbeddings = NdArray[3, 5, 4]",
            "negativeEmbeddings are NdArray[3, 5, 4], expected 2 entries",
            "latents are NdArray[1, 4, 6, 2, 2], expected [2, channels, 7, height, width]");
  }

  @Test
  void refusesNegativeEmbeddingsOfAnotherShapeThanTheEmbeddings() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                GenerationRequest.ofEmbeddings(ones(1, 5, 4))
                    .negativeEmbeddings(ones(1, 4, 4))
                    .build())
        .withMessageContaining(
            "negativeEmbeddings are NdArray[1, 4, 4], expected the shape of embeddings,"
                + " NdArray[1, 5, 4]");
  }

  @Test
  void hasTheReferencesDefaults() {
    GenerationRequest request = builder.build();
    assertThat(request.steps()).isEqualTo(50);
    assertThat(request.guidanceScale()).isEqualTo(9);
    assertThat(request.frames()).isEqualTo(16);
    assertThat(request.framesPerSecond()).isEqualTo(8);
    assertThat(request.eta()).isZero();
    assertThat(request.clipSkip()).isZero();
    assertThat(request.width()).isEmpty();
    assertThat(request.height()).isEmpty();
    assertThat(request.seeds()).isEmpty();
  }

  @Test
  void copiesAllSettingsIntoANewBuilder() {
    GenerationRequest request =
        builder
            .negativePrompt("blurry")
            .seed(7)
            .steps(3)
            .guidanceScale(2)
            .eta(0.5)
            .frames(2)
            .size(16, 24)
            .clipSkip(1)
            .framesPerSecond(12)
            .latents(ones(1, 4, 2, 3, 2))
            .build();
    assertThat(request.toBuilder().build()).usingRecursiveComparison().isEqualTo(request);
    assertThat(request.toBuilder().steps(9).build().steps()).isEqualTo(9);
    assertThat(request.steps()).isEqualTo(3);
  }

  @Test
  void isNotChangedByItsBuilder() {
    GenerationRequest request = builder.steps(3).build();
    builder.frames(4);
    assertThat(request.frames()).isEqualTo(16);
  }

  private static NdArray ones(long... shape) {
    int count = 1;
    for (long dimension : shape) {
      count *= (int) dimension;
    }
    float[] values = new float[count];
    Arrays.fill(values, 1);
    return NdArray.of(shape, values);
  }

  private static void assertRefused(Runnable setter, String... parts) {
    assertThatIllegalArgumentException()
        .isThrownBy(setter::run)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  /** 2⁶⁴ + 4 is 4 to whoever takes its last 64 bits. */
  @ParameterizedTest
  @ValueSource(strings = {"steps", "frames", "clipSkip"})
  void refusesWholeNumbersOfMoreThan64Bits(String setting) {
    Map<String, ?> properties =
        Map.of("prompts", List.of("a"), setting, BigInteger.TWO.pow(64).add(BigInteger.valueOf(4)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenerationRequest.fromProperties(properties))
        .withMessageContaining(setting + " is 18446744073709551620, expected");
  }
}
