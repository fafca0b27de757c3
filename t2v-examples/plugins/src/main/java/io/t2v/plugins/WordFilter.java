package io.t2v.plugins;

import io.t2v.ContentFilter;
import io.t2v.ContentRefusedException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Refuses prompts with words of a list. Such a list is quickly got around: it shows where a
 * moderation service is asked.
 *
 * @param words in lower case
 */
public record WordFilter(Set<String> words) implements ContentFilter {
  private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}]+");

  @Override
  public String filterPrompt(String prompt) {
    for (String word : NO_LETTERS.split(prompt.toLowerCase(Locale.ROOT), -1)) {
      if (words.contains(word)) {
        throw new ContentRefusedException("the prompt has the word \"" + word + "\"");
      }
    }
    return prompt;
  }

  /** Frames are not looked at, so previews show no more than they do. */
  @Override
  public boolean allowsPreviews() {
    return true;
  }
}
