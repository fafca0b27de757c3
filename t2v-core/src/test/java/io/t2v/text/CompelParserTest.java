package io.t2v.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompelParserTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "a cat+ and dog-- | a:1.00 cat:1.10 and:1.00 dog:0.81",
        "(a (cat)1.5 on)0.8 mat | a:0.80 cat:1.20 on:0.80 mat:1.00",
        "a \"quoted cat\"1.2 x | a:1.00 quoted cat:1.20 x:1.00",
        "C++ thing | C:1.21 thing:1.00",
        "mid- x -y -- | mid:0.90 x -y --:1.00",
        "a, b,c (d,e.)+ | a, b, c:1.00 d , e .:1.10",
        "(unbalanced cat+ | (unbalanced:1.00 cat:1.10",
        "cat)+ a=b (c=d)+ | cat)+ a=b (c=d)+:1.00",
        "(a)+s a(b)+ | a:1.10 s a(b)+:1.00",
        "cat.dog+ | cat.dog+:1.00",
        "a \\(b\\) c+ C\\+ | a (b):1.00 c:1.10 C+:1.00",
        "(2.5)2.5 (x)3 | 2 . 5:2.50 x:3.00",
        "'(' | '(':1.00",
        "a boat\\ | a boat\\:1.00",
        "(a) b | a b:1.00",
      })
  void readsWeights(String prompt, String pieces) {
    List<CompelParser.Term> terms = CompelParser.parse(prompt);
    assertThat(terms).hasSize(1);
    assertThat(
            terms.get(0).prompts().get(0).stream()
                .map(part -> "%s:%.2f".formatted(part.text(), part.weight()))
                .toList())
        .hasToString("[" + pieces.replaceAll("(:\\d\\.\\d\\d) ", "$1, ") + "]");
  }

  @Test
  void readsCombinations() {
    List<CompelParser.Term> both = CompelParser.parse("(\"a, cat\", \"a (dog)+\").and(1, 0.5)");
    assertThat(both).extracting(CompelParser.Term::weight).containsExactly(1.0, 0.5);
    assertThat(both.get(1).prompts().get(0)).hasSize(2);
    assertThat(CompelParser.parse("(\"a\", \"b\").blend(1, 3)"))
        .singleElement()
        .extracting(CompelParser.Term::shares)
        .isEqualTo(List.of(0.25, 0.75));
    assertThat(CompelParser.parse("(\"a\", \"b\").blend(1, 3, no_normalize)").get(0).shares())
        .containsExactly(1.0, 3.0);
    assertThat(CompelParser.parse("(\"a\", \"b\").and()")).hasSize(2);
  }

  @Test
  void readsLongAndDeepPrompts() {
    String words = "a cat ".repeat(20_000);
    assertThat(CompelParser.parse("(\"" + words + "\", \"b\").blend()").get(0).prompts())
        .hasSize(2);
    PromptSyntax.COMPEL.check("( ".repeat(64) + "a" + " )+".repeat(64));
    PromptSyntax.COMPEL.check("(a)+ ".repeat(65));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptSyntax.COMPEL.check("( ".repeat(65) + "a" + " )+".repeat(65)))
        .withMessageContaining("nested more than 64 deep");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptSyntax.COMPEL.check("(".repeat(10_000)))
        .withMessageContaining("nested more than 64 deep");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "a cat.swap(dog) | holds compel's .swap, .attend or withLora",
        "withLora(x) cat | holds compel's .swap, .attend or withLora",
        "(\"a\", \"b\").and(1) | has 1 weights for 2 prompts",
        "(\"a\", \"b\").blend(1, x) | has the weight x, expected a number",
        "(\"a\", \"b\").blend(1, -1) | add up to 0",
        "(a, b).and() | expected prompts in double quotes",
      })
  void refusesWhatItCannotDo(String prompt, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptSyntax.COMPEL.check(prompt))
        .withMessageContaining(message);
  }
}
