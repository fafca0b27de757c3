package io.t2v.internal.clip;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.Golden;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against open_clip's own tokenizer. */
class OpenClipTokenizerTest {
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.openClip();

  @Test
  void givesTheIdsOfOpenClip() {
    List<Map<String, Object>> cases = Golden.cases(Golden.json("modelscope/tokens"), "cases");
    assertThat(cases).hasSizeGreaterThan(50);
    for (Map<String, Object> golden : cases) {
      String text = (String) golden.get("text");
      assertThat(TOKENIZER.tokenize(text).ids()).as(text).isEqualTo(ids(golden));
    }
  }

  private static long[] ids(Map<String, Object> golden) {
    return ((List<?>) golden.get("ids"))
        .stream().mapToLong(id -> ((Number) id).longValue()).toArray();
  }

  /** The two repairs of ftfy that are missing here. */
  @Test
  void leavesWronglyDecodedTextAndEntitiesInCapitalsAsTheyAre() {
    assertThat(words("schÃ¶n")).isEqualTo("schã ¶ n");
    assertThat(words("P&EACUTE;REZ")).isEqualTo("p & eacute ; rez");
  }

  private static String words(String text) {
    return TOKENIZER.decode(TOKENIZER.encode(text));
  }
}
