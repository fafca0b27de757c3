package io.t2v;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Warns about prompts that are not English, as far as letters tell. The model was trained on
 * English captions, and makes an arbitrary video of anything else.
 */
final class PromptLanguage {
  private static final Logger LOGGER = System.getLogger(PromptLanguage.class.getName());

  private PromptLanguage() {}

  /** Logs a warning for each prompt that has letters, but no Latin one. */
  static void warnUnlessEnglish(List<String> prompts) {
    prompts.stream()
        .filter(PromptLanguage::isWithoutLatinLetters)
        .forEach(
            prompt ->
                LOGGER.log(
                    Level.WARNING,
                    "The prompt \"{0}\" has no Latin letter, but the model knows English alone:"
                        + " translate it",
                    prompt));
  }

  private static boolean isWithoutLatinLetters(String prompt) {
    return prompt.codePoints().anyMatch(Character::isLetter)
        && prompt.codePoints().noneMatch(PromptLanguage::isLatinLetter);
  }

  private static boolean isLatinLetter(int codePoint) {
    return Character.isLetter(codePoint)
        && Character.UnicodeScript.of(codePoint) == Character.UnicodeScript.LATIN;
  }
}
