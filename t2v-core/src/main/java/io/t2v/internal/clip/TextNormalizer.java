package io.t2v.internal.clip;

import java.text.Normalizer;
import org.jspecify.annotations.Nullable;

/**
 * What happens to text before it is cut into words: NFC, each run of white space to one blank,
 * lower case. The lower case is that of each character on its own: a final sigma becomes σ, as in
 * the reference, and not ς.
 */
final class TextNormalizer {
  private TextNormalizer() {}

  /** Replaces what is not text, halves of surrogate pairs, by U+FFFD. */
  static String replaceLoneSurrogates(String text) {
    if (text.codePoints().noneMatch(TextNormalizer::isSurrogate)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().map(c -> isSurrogate(c) ? 0xFFFD : c).forEach(out::appendCodePoint);
    return out.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  static String normalize(String text) {
    String composed = compose(text);
    StringBuilder out = new StringBuilder(composed.length());
    boolean afterSpace = false;
    for (int i = 0, codePoint; i < composed.length(); i += Character.charCount(codePoint)) {
      codePoint = composed.codePointAt(i);
      boolean space = CharacterTables.isSpace(codePoint);
      if (space && !afterSpace) {
        out.append(' ');
      } else if (!space) {
        @Nullable String lower = CharacterTables.lowercase(codePoint);
        if (lower == null) {
          out.appendCodePoint(codePoint);
        } else {
          out.append(lower);
        }
      }
      afterSpace = space;
    }
    return out.toString();
  }

  /**
   * NFC by the tables of Unicode 9. A character that they do not know neither moves nor composes,
   * so the text on either side of it can be normalized on its own; what Java normalizes is then
   * older than Unicode 9, where the stability of NFC makes every Java version agree.
   */
  private static String compose(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int start = 0;
    for (int i = 0, codePoint; i < text.length(); i += Character.charCount(codePoint)) {
      codePoint = text.codePointAt(i);
      if (CharacterTables.isUnnormalized(codePoint)) {
        out.append(nfc(text.substring(start, i))).appendCodePoint(codePoint);
        start = i + Character.charCount(codePoint);
      }
    }
    return out.append(nfc(text.substring(start))).toString();
  }

  private static String nfc(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }
}
