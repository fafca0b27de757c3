package io.t2v.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.base.Splitter;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where long prompts are cut into chunks, with an encoder whose tokens are single letters. */
class PromptChunksTest {
  /** A chunk holds four tokens. */
  private static final TextEncoder FOUR = new Letters(4);

  /**
   * Words lie between spaces, and are cut into tokens at hyphens. The id of a token is that of its
   * first letter; a digit after it says how many ids it has, as a learned word may.
   */
  private record Letters(int capacity) implements TextEncoder {
    @Override
    public int width() {
      return 1;
    }

    @Override
    public int maxTokens() {
      return capacity + 2;
    }

    @Override
    public int maxClipSkip() {
      return 0;
    }

    @Override
    public EncodedText encode(List<String> texts, int clipSkip, int tokens) {
      throw new UnsupportedOperationException("nothing is encoded");
    }

    @Override
    public List<TextToken> tokenize(String text) {
      return Splitter.onPattern("[ -]")
          .omitEmptyStrings()
          .splitToStream(text)
          .map(
              token ->
                  new TextToken(
                      Collections.nCopies(
                          token.length() == 1 ? 1 : token.charAt(1) - '0', (int) token.charAt(0))))
          .toList();
    }

    @Override
    public void close() {}
  }

  /** Letters of each chunk, with a bar between chunks. */
  private static String chunks(PromptSyntax syntax, String prompt, TextEncoder encoder) {
    return onlyPrompt(syntax, prompt, encoder).chunks().stream()
        .map(
            chunk ->
                chunk.ids().stream()
                    .map(id -> String.valueOf((char) id.intValue()))
                    .collect(Collectors.joining()))
        .collect(Collectors.joining("|"));
  }

  private static PromptTokens onlyPrompt(PromptSyntax syntax, String prompt, TextEncoder encoder) {
    List<PromptTerm> terms = syntax.terms(prompt, encoder);
    assertThat(terms).hasSize(1);
    assertThat(terms.get(0).shares()).containsExactly(1.0);
    assertThat(terms.get(0).weight()).isEqualTo(1);
    assertThat(terms.get(0).prompts()).hasSize(1);
    return terms.get(0).prompts().get(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a b c d         ; abcd",
        "a b c d e       ; abcd|e",
        "a b c d e f g h ; abcd|efgh",
        "''              ; ''",
        "a , b c         ; a,bc",
        "a , b c d       ; a,|bcd",
        ", a b c d       ; ,|abcd",
        "a b c , d       ; abc,|d",
        "a b c d , e     ; abcd|,e",
        "a , b c d e f   ; a,|bcde|f",
        "a , b , c d     ; a,b,|cd",
        "a x3            ; axxx",
        "a b x3          ; ab|xxx",
        "a , b x3        ; a,b|xxx",
        "x4 a            ; xxxx|a",
        "a BREAK b       ; a|b",
        "a b c d BREAK e ; abcd|e",
        "BREAK a         ; |a",
        "a BREAK         ; a",
        "a BREAK BREAK b ; a||b",
      })
  void a1111CutsAfterACommaOrAtTheEnd(String prompt, String expected) {
    assertThat(chunks(PromptSyntax.A1111, prompt, FOUR)).isEqualTo(expected);
  }

  /** Twenty tokens behind it are few enough, twenty-one are not. */
  @Test
  void a1111LooksForACommaNearTheEndAlone() {
    TextEncoder large = new Letters(25);
    String rest = " b".repeat(30);
    assertThat(chunks(PromptSyntax.A1111, "a a a a a ," + rest, large)).startsWith("aaaaa,|b");
    assertThat(chunks(PromptSyntax.A1111, "a a a a ," + rest, large)).startsWith("aaaa,b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '=',
      value = {
        "a b c d     = abcd",
        "a b c d e   = abcd|e",
        "''          = ''",
        "a . b c d e = a.|bcde",
        "a , b c d e = a,|bcde",
        "a ; b c d e = a;|bcde",
        "a : b c d e = a:|bcde",
        "a . b , c d = a.|b,cd",
        "a . b . c d = a.b.|cd",
        ". a b c d   = .|abcd",
        "a b c d .   = abcd|.",
        "a b x-y-z   = ab|xyz",
        "a b x-y     = abxy",
        "v-w-x-y-z   = vwxy|z",
        "a b x3      = ab|xxx",
        "a x3        = axxx",
        "x4 a        = xxxx|a",
      })
  void compelCutsAfterAFullStopOrPunctuationOrAWord(String prompt, String expected) {
    assertThat(chunks(PromptSyntax.COMPEL, prompt, FOUR)).isEqualTo(expected);
  }

  @Test
  void everyTokenOfAPartHasItsWeight() {
    assertThat(onlyPrompt(PromptSyntax.A1111, "(x2 b:2) c d e", FOUR).chunks())
        .extracting(PromptTokens.Chunk::weights)
        .containsExactly(List.of(2.0, 2.0, 2.0, 1.0), List.of(1.0, 1.0));
    assertThat(onlyPrompt(PromptSyntax.COMPEL, "(x2 b)2 c d e", FOUR).chunks())
        .extracting(PromptTokens.Chunk::weights)
        .containsExactly(List.of(2.0, 2.0, 2.0, 1.0), List.of(1.0, 1.0));
  }

  @Test
  void aChunkIsWeightedIfOneTokenIs() {
    assertThat(new PromptTokens.Chunk(List.of(7, 8), List.of(1.0, 1.0)).isWeighted()).isFalse();
    assertThat(new PromptTokens.Chunk(List.of(7, 8), List.of(1.0, 0.9)).isWeighted()).isTrue();
  }

  @Test
  void compelsTermsHavePromptsSharesAndWeights() {
    PromptTerm mixture =
        PromptSyntax.COMPEL.terms("(\"a\", \"b c d e f\").blend(1, 3)", FOUR).get(0);
    assertThat(mixture.prompts()).hasSize(2);
    assertThat(mixture.shares()).containsExactly(0.25, 0.75);
    assertThat(mixture.chunks()).isEqualTo(2);
    assertThat(PromptSyntax.COMPEL.terms("(\"a\", \"b\").and(1, 0.5)", FOUR))
        .extracting(PromptTerm::weight)
        .containsExactly(1.0, 0.5);
  }

  @Test
  void refusesAWordThatIsLongerThanAChunk() {
    Stream.of(PromptSyntax.A1111, PromptSyntax.COMPEL)
        .forEach(
            syntax ->
                assertThatIllegalArgumentException()
                    .isThrownBy(() -> syntax.terms("a x5", FOUR))
                    .withMessageContaining("a word has 5 vectors, expected at most 4"));
  }
}
