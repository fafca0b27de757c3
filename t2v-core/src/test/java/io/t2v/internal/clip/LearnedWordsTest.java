package io.t2v.internal.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.Resources;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.text.EncodedText;
import io.t2v.text.PromptSyntax;
import io.t2v.text.TextToken;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Words of textual inversion, against diffusers' {@code load_textual_inversion}. */
class LearnedWordsTest {
  private static final double TOLERANCE = 1e-5;
  private static final int FIRST_ID = 612;

  @TempDir static Path shared;
  @TempDir Path folder;
  private static CheckpointFiles checkpoint;

  @BeforeAll
  static void write() {
    checkpoint = CheckpointFiles.open(GoldenModel.write("four-levels", shared.resolve("model")));
  }

  private static Path file(String name) {
    try {
      return Path.of(Resources.getResource("golden/prompts/learned/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ClipTokenizer tokenizer() {
    return ClipTokenizer.load(checkpoint.tokenizerFolder().orElseThrow());
  }

  private static ClipTextEncoder open(Path... files) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      return ClipTextEncoder.open(
          checkpoint.textEncoderConfig(),
          checkpoint.textEncoderWeights(),
          tokenizer(),
          List.of(files),
          new Placement(Component.TEXT_ENCODER, OffloadPolicy.none()));
    }
  }

  private static LearnedWords read(Path... files) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      return LearnedWords.read(
          List.of(files), ClipTextConfig.read(checkpoint.textEncoderConfig()), tokenizer());
    }
  }

  private static float[] encode(ClipTextEncoder encoder, String text) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      return HostTensors.toFloats(encoder.encode(List.of(text), 0).embeddings());
    }
  }

  private Path write(String name, Map<String, long[]> shapes) throws IOException {
    Path file = folder.resolve(name);
    RandomWeights.write(file, shapes, 1, "F32");
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"safetensors", "bin"})
  void encodesAsDiffusersDoes(String format) {
    Golden golden = Golden.tensors("prompts/learned");
    Path[] files = {file("one." + format), file("three." + format)};
    ClipTokenizer tokenizer = tokenizer().withLearnedWords(read(files));
    try (ClipTextEncoder encoder = open(files)) {
      List<Map<String, Object>> cases = Golden.cases(Golden.json("prompts/learned"), "cases");
      assertThat(cases).hasSizeGreaterThan(3);
      for (int i = 0; i < cases.size(); i++) {
        String prompt = (String) cases.get(i).get("prompt");
        long[] ids =
            ((List<?>) cases.get(i).get("ids"))
                .stream().mapToLong(id -> ((Number) id).longValue()).toArray();
        assertThat(tokenizer.tokenize(prompt).ids()).as(prompt).isEqualTo(ids);
        Golden.assertClose(
            prompt, encode(encoder, prompt), golden.floats(String.valueOf(i)), TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pt", "safetensors"})
  void theFilesOfTheWebUiAreNamedAfterTheirWord(String format) {
    try (ClipTextEncoder encoder = open(file("a1111-three." + format));
        ClipTextEncoder diffusers = open(file("three.safetensors"))) {
      assertThat(encode(encoder, "red a1111-three on"))
          .isEqualTo(encode(diffusers, "red <three> on"));
    }
  }

  @Test
  void aPromptWithoutTheWordStaysAsItWas() {
    try (ClipTextEncoder encoder = open(file("one.bin"), file("three.bin"));
        ClipTextEncoder plain = open()) {
      String prompt = "a red circle, < three >";
      assertThat(encode(encoder, prompt)).isEqualTo(encode(plain, prompt));
    }
  }

  /** The id 612 where the word is found. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "one.bin        ; a <ONE>!     ; true",
        "one.bin        ; a<one>b      ; true",
        "one.bin        ; < one >      ; false",
        "a1111-one.pt   ; A1111-One.   ; true",
        "a1111-one.pt   ; (a1111-one)  ; true",
        "a1111-one.pt   ; a1111-one_1  ; false",
        "a1111-one.pt   ; a1111-ones   ; false",
        "a1111-one.pt   ; éa1111-one   ; false"
      })
  void findsWords(String file, String text, boolean found) {
    long[] ids = tokenizer().withLearnedWords(read(file(file))).tokenize(text).ids();
    assertThat(LongStream.of(ids).anyMatch(id -> id == FIRST_ID)).isEqualTo(found);
  }

  @Test
  void theLongerWordIsTaken() throws IOException {
    Path shorter = write("pre.safetensors", Map.of("<a", new long[] {24}));
    Path longer = write("whole.safetensors", Map.of("<a-b>", new long[] {24}));
    ClipTokenizer tokenizer = tokenizer().withLearnedWords(read(shorter, longer));
    assertThat(tokenizer.tokens("<a-b><a"))
        .containsExactly(TextToken.of(FIRST_ID + 1), TextToken.of(FIRST_ID));
  }

  @Test
  void theOpenClipTokenizerLearnsWordsAsWell() {
    int[] ids =
        ClipTokenizer.openClip().withLearnedWords(read(file("three.bin"))).encode("<three>");
    assertThat(ids).containsExactly(FIRST_ID, FIRST_ID + 1, FIRST_ID + 2);
  }

  @Test
  void aWordThatDoesNotFitIsReportedAsAWhole() {
    try (ClipTextEncoder encoder = open(file("three.bin"));
        ComputeScope scope = ComputeScope.open(1)) {
      EncodedText encoded = encoder.encode(List.of("<three> ".repeat(5) + "a red"), 0);
      assertThat(encoded.truncatedTexts()).containsExactly("<three> a red");
    }
  }

  @Test
  void vectorsOfAWordStayInOneChunk() {
    try (ClipTextEncoder encoder = open(file("three.bin"))) {
      assertThat(sizesOfChunks("a a " + "(<three>:2) ".repeat(5), encoder)).containsExactly(14, 3);
      assertThat(sizesOfChunks("a a a " + "<three> ".repeat(4), encoder)).containsExactly(12, 3);
    }
  }

  private static List<Integer> sizesOfChunks(String prompt, ClipTextEncoder encoder) {
    return PromptSyntax.A1111.terms(prompt, encoder).get(0).prompts().get(0).chunks().stream()
        .map(chunk -> chunk.ids().size())
        .toList();
  }

  @Test
  void refusesAnotherWidth() throws IOException {
    assertRefused(write("a.safetensors", Map.of("<a>", new long[] {2, 32})))
        .withMessageContainingAll("'<a>' have a width of 32, expected 24", "another model");
  }

  @Test
  void refusesMoreVectorsThanATextHasTokens() throws IOException {
    assertRefused(write("a.safetensors", Map.of("<a>", new long[] {15, 24})))
        .withMessageContainingAll("'<a>' has 15 vectors, expected at most 14");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "red", "RED"})
  void refusesAWordOfTheVocabulary(String word) throws IOException {
    assertRefused(write("a.safetensors", Map.of(word, new long[] {24})))
        .withMessageContainingAll("'" + word + "' is a word of the vocabulary", "another name");
  }

  @Test
  void refusesTheSameWordTwice() {
    assertRefused(file("one.bin"), file("one.safetensors"))
        .withMessageContainingAll("'<one>' is that of", "one.bin");
  }

  @ParameterizedTest
  @CsvSource({"clip_g, clip_l, Stable Diffusion XL", "<a>, <b>, expected one tensor"})
  void refusesSeveralTensors(String one, String other, String message) throws IOException {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(one, new long[] {24});
    shapes.put(other, new long[] {24});
    assertRefused(write("a.safetensors", shapes)).withMessageContainingAll(message, one, other);
  }

  @Test
  void refusesTensorsOfOtherShapes() throws IOException {
    assertRefused(write("a.safetensors", Map.of("<a>", new long[] {1, 2, 24})))
        .withMessageContaining("[1, 2, 24], expected [width] or [vectors, width]");
  }

  @Test
  void refusesFilesOfAnotherKind() throws IOException {
    assertRefused(Files.writeString(folder.resolve("a.pt"), "hello")).withMessageContaining("a.pt");
    assertRefused(folder.resolve("missing.pt")).withMessageContaining("missing.pt");
  }

  private static ThrowableAssertAlternative<CheckpointException> assertRefused(Path... files) {
    return assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> read(files))
        .withMessageContaining(
            Stream.of(files).map(Path::toString).reduce((first, second) -> second).orElseThrow());
  }
}
