package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class PromptLanguageTest {
  @Test
  void warnsAboutPromptsWithoutLatinLetters() {
    List<String> prompts =
        List.of("a boat", "кошка", "", "été", "1984", "猫 (3:2)", "猫 with a hat", "🐈", "µ");
    assertThat(warnings(prompts))
        .hasSize(3)
        .allMatch(message -> message.contains("knows English alone"))
        .anyMatch(message -> message.contains("\"кошка\""))
        .anyMatch(message -> message.contains("\"猫 (3:2)\""))
        .anyMatch(message -> message.contains("\"µ\""));
  }

  private static List<String> warnings(List<String> prompts) {
    List<String> messages = new ArrayList<>();
    Logger logger = Logger.getLogger(PromptLanguage.class.getName());
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            messages.add(MessageFormat.format(entry.getMessage(), entry.getParameters()));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      PromptLanguage.warnUnlessEnglish(prompts);
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    return messages;
  }
}
