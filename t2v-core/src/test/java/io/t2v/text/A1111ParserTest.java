package io.t2v.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class A1111ParserTest {
  /** Parts between bars, each with its weight; a slash before those that start a chunk. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      textBlock =
          """
          a boat at sea           ; a boat at sea*1
          ""                      ; ""
          (boat)                  ; boat*1.1
          a (boat) at [sea]       ; a *1|boat*1.1| at *1|sea*0.909
          ((boat))                ; boat*1.21
          [[boat]]                ; boat*0.826
          (boat:1.3)              ; boat*1.3
          (boat: 1.3 )            ; boat*1.3
          (boat:.5)               ; boat*0.5
          (boat:+2)               ; boat*2
          (boat:-1)               ; boat*-1
          (boat:0)                ; boat*0
          (a (red:2) boat:1.5)    ; a *1.5|red*3| boat*1.5
          ([boat])                ; boat*1
          [(boat:2)]              ; boat*1.818
          [boat:1.3]              ; boat:1.3*0.909
          boat:1.3                ; boat:1.3*1
          boat:1.3)               ; boat:1.3)*1
          (boat:red)              ; boat:red*1.1
          (at 12:30)              ; at 12*30
          (boat                   ; boat*1.1
          a (red [boat            ; a *1|red *1.1|boat*1
          boat) at sea]           ; boat) at sea]*1
          a \\(boat\\)            ; a (boat)*1
          \\[boat\\]              ; [boat]*1
          (\\(boat\\):2)          ; (boat)*2
          c:\\\\boat              ; c:\\boat*1
          a\\b                    ; ab*1
          (red)(boat)             ; redboat*1.1
          (red) (boat)            ; red*1.1| *1|boat*1.1
          ()                      ; ""
          a BREAK b               ; a*1|/b*1
          BREAK a                 ; *1|/a*1
          a BREAK                 ; a*1|/*1
          a BREAK BREAK b         ; a*1|/*1|/b*1
          BREAKFAST and OUTBREAK  ; BREAKFAST and OUTBREAK*1
          a break                 ; a break*1
          (a BREAK b:2) c         ; a*2|/b*2| c*1
          """)
  void readsWeights(String prompt, String expected) {
    assertThat(
            PromptSyntax.A1111.parse(prompt).stream()
                .map(A1111ParserTest::show)
                .collect(Collectors.joining("|")))
        .isEqualTo(expected);
  }

  private static String show(PromptPart part) {
    String weight = String.format(Locale.ROOT, "%.3f", part.weight()).replaceAll("\\.?0+$", "");
    return (part.startsChunk() ? "/" : "") + part.text() + "*" + weight;
  }

  @Test
  void plainPromptsHaveNoSigns() {
    assertThat(PromptSyntax.PLAIN.parse("a (red:2) BREAK \\(boat"))
        .containsExactly(PromptPart.of("a (red:2) BREAK \\(boat"));
  }

  @ParameterizedTest
  @CsvSource({"(boat:1.2.3), 1.2.3", "a (boat:.), .", "((red:..5) boat), ..5"})
  void refusesAWeightThatIsNoNumber(String prompt, String weight) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptSyntax.A1111.check(prompt))
        .withMessageContaining("the weight " + weight + " in the prompt \"" + prompt + "\"");
  }

  @Test
  void refusesMoreOpenBracketsThanAnybodyMeans() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> A1111Parser.parse("[a:".repeat(100_000)))
        .withMessageContaining("nested more than 64 deep")
        .withMessageContaining("[a:[a:");
    assertThat(A1111Parser.parse("(".repeat(64) + "a")).hasSize(1);
    assertThat(A1111Parser.parse("(a)".repeat(1_000))).hasSize(1);
  }
}
