package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.Warnings;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptLanguageTest {
  @Test
  void warnsAboutPromptsWithoutLatinLetters() {
    try (Warnings warnings = Warnings.of(PromptLanguage.class)) {
      PromptLanguage.warnUnlessEnglish(
          List.of("a boat", "кошка", "", "été", "1984", "猫 (3:2)", "猫 with a hat", "🐈", "µ"));
      assertThat(warnings.messages())
          .hasSize(3)
          .allMatch(message -> message.contains("knows English alone"))
          .anyMatch(message -> message.contains("\"кошка\""))
          .anyMatch(message -> message.contains("\"猫 (3:2)\""))
          .anyMatch(message -> message.contains("\"µ\""));
    }
  }
}
