package io.t2v.text;

import io.t2v.testing.FuzzedReader;
import io.t2v.testing.StubTextEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Any text is a prompt of each syntax, or refused. */
public final class PromptsFuzz implements FuzzedReader {
  private static final int STEPS = 7;

  @Override
  public Map<String, byte[]> start(Path folder) {
    return Map.of(
        "weights", bytes("a (red:1.3) [circle] \\(x\\) BREAK ((b)), c"),
        "edits", bytes("[a:b:0.5] [c::3] [d:2] [e|f|(g:1.1)]"),
        "compel", bytes("a cat+ (b (c)1.5)-- \"d\"0.5 e\\+"),
        "blend", bytes("(\"a\", \"b c+\").blend(0.7, 0.3, no_normalize)"),
        "and", bytes("(\"a\", \"b\").and(1, 2)"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void read(byte[] input) {
    String prompt = new String(input, StandardCharsets.UTF_8);
    for (PromptSyntax syntax : PromptSyntax.values()) {
      try {
        syntax.check(prompt);
        for (String text : syntax.textOfEachStep(prompt, STEPS)) {
          syntax.terms(text, new StubTextEncoder(6));
        }
      } catch (IllegalArgumentException | UnsupportedOperationException e) {
        // refused, as it should be; the stub has no tokens of its own
      }
    }
  }
}
