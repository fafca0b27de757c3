package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Cuts normalized text into words, as CLIP's pattern does, alternatives tried in this order: {@code
 * <|startoftext|> | <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | \p{L}+ | \p{N} |
 * [^\s\p{L}\p{N}]+}. White space is dropped.
 *
 * <p>The reference cuts each word once more with GPT-2's pattern, which changes one thing only: the
 * text of a special token falls into three words. It gets here when it is not recognised as the
 * token itself, for example in capitals.
 */
final class WordSplitter {
  private static final ImmutableMap<String, ImmutableList<String>> SPECIALS =
      ImmutableMap.of(
          "<|startoftext|>", ImmutableList.of("<|", "startoftext", "|>"),
          "<|endoftext|>", ImmutableList.of("<|", "endoftext", "|>"));
  private static final ImmutableList<String> CONTRACTIONS =
      ImmutableList.of("'s", "'t", "'re", "'ve", "'m", "'ll", "'d");

  private final String text;
  private final ImmutableList.Builder<String> words = ImmutableList.builder();
  private int position;

  private WordSplitter(String text) {
    this.text = text;
  }

  static ImmutableList<String> split(String text) {
    return new WordSplitter(text).split();
  }

  private ImmutableList<String> split() {
    while (position < text.length()) {
      int codePoint = text.codePointAt(position);
      if (CharacterTables.isSpace(codePoint)) {
        position += Character.charCount(codePoint);
      } else if (!special() && !contraction()) {
        if (CharacterTables.isLetter(codePoint)) {
          word(endOfRun(CharacterTables::isLetter));
        } else if (CharacterTables.isNumber(codePoint)) {
          word(position + Character.charCount(codePoint));
        } else {
          word(endOfRun(WordSplitter::isOther));
        }
      }
    }
    return words.build();
  }

  private boolean special() {
    for (Map.Entry<String, ImmutableList<String>> special : SPECIALS.entrySet()) {
      if (text.startsWith(special.getKey(), position)) {
        words.addAll(special.getValue());
        position += special.getKey().length();
        return true;
      }
    }
    return false;
  }

  private boolean contraction() {
    for (String contraction : CONTRACTIONS) {
      if (text.startsWith(contraction, position)) {
        word(position + contraction.length());
        return true;
      }
    }
    return false;
  }

  private static boolean isOther(int codePoint) {
    return !CharacterTables.isSpace(codePoint)
        && !CharacterTables.isLetter(codePoint)
        && !CharacterTables.isNumber(codePoint);
  }

  private int endOfRun(IntPredicate member) {
    int end = position;
    while (end < text.length() && member.test(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private void word(int end) {
    words.add(text.substring(position, end));
    position = end;
  }
}
