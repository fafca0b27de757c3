package io.t2v.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The code of docs/plug-ins.md is that of this module, but for its indentation. */
class PlugInsPageTest {
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void showsWhatIsCompiled() throws IOException {
    String sources;
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      sources =
          files
              .filter(Files::isRegularFile)
              .map(PlugInsPageTest::text)
              .map(PlugInsPageTest::withoutIndentation)
              .collect(Collectors.joining());
    }
    List<String> shown =
        CODE.matcher(text(Path.of("..", "..", "docs", "plug-ins.md")))
            .results()
            .map(code -> withoutIndentation(code.group(1)))
            .toList();
    assertThat(shown).hasSizeGreaterThan(7).allSatisfy(code -> assertThat(sources).contains(code));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n", "", "\n"));
  }
}
