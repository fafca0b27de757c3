package io.t2v.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.testing.Golden;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PromptEditsTest {
  @Test
  void readsWhatTheReferenceReadsInEachStep() {
    List<Map<String, Object>> cases = Golden.cases(Golden.json("prompts/edited"), "cases");
    for (Map<String, Object> test : cases) {
      String prompt = (String) test.get("prompt");
      int steps = ((Number) test.get("steps")).intValue();
      assertThat(PromptSyntax.A1111.textOfEachStep(prompt, steps))
          .as("%s in %s steps", prompt, steps)
          .isEqualTo(test.get("texts"));
    }
    assertThat(cases).hasSize(128);
  }

  @Test
  void editsNothingInPlainPrompts() {
    assertThat(PromptSyntax.PLAIN.textOfEachStep("[a:b:1]", 2))
        .containsExactly("[a:b:1]", "[a:b:1]");
  }

  @Test
  void refusesBracketsThatAreNestedTooDeeply() {
    String deep = "[".repeat(65) + "a:1" + "]".repeat(65);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptSyntax.A1111.check(deep))
        .withMessageContaining("nested more than 64 deep");
    PromptSyntax.A1111.check("[".repeat(64) + "a" + ":1]".repeat(64));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptSyntax.A1111.check("(".repeat(65) + "a" + ")".repeat(65)))
        .withMessageContaining("nested more than 64 deep");
    PromptSyntax.A1111.check("(".repeat(64) + "a" + ")".repeat(64));
  }

  @Test
  void readsWeightsWithinEdits() {
    assertThat(PromptSyntax.A1111.textOfEachStep("[a (b):c:1]", 3))
        .containsExactly("a (b)", "a (b)", "c");
  }

  /** An edit that ends before the first step makes that step the last option's. */
  @Test
  void alternatesBetweenEdits() {
    assertThat(PromptSyntax.A1111.textOfEachStep("[a|[b:c:0]]", 4))
        .containsExactly("b", "a", "c", "a");
  }

  /** A malformed weight is found in whichever step it is read. */
  @Test
  void checksWhatIsReadLater() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptSyntax.A1111.check("[a:(b:1.2.3):0.5]"))
        .withMessageContaining("the weight 1.2.3");
  }
}
