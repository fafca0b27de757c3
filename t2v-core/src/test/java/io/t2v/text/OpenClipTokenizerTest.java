package io.t2v.text;

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

  @Test
  void leavesWronglyDecodedTextAsItIs() {
    // ftfy makes it "schön"
    assertThat(TOKENIZER.decode(TOKENIZER.encode("schÃ¶n"))).isEqualTo("sch㶠n".replace("㶠", "ã¶ "));
  }
}
