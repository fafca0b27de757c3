package io.t2v.internal.clip;

import com.google.common.collect.ImmutableMap;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What open_clip's tokenizer does to a text first: it repairs it as the Python package ftfy does,
 * replaces HTML's character references twice, and makes it lower case. (White space is seen to
 * later, as in every text.)
 *
 * <p>Of ftfy's repairs two are missing: text that was decoded with the wrong encoding, such as
 * "schÃ¶n", stays as it is, and so do names of character references in capitals that HTML does not
 * have.
 */
final class OpenClipText {
  private static final Pattern TERMINAL_ESCAPE = Pattern.compile("\u001B\\[((?:\\d|;)*)([a-zA-Z])");

  private static final ImmutableMap<Integer, String> LIGATURES =
      ImmutableMap.<Integer, String>builder()
          .put((int) '\u0132', "IJ")
          .put((int) '\u0133', "ij")
          .put((int) '\u0149', "\u02BCn")
          .put((int) '\u01C4', "D\u017D")
          .put((int) '\u01C5', "D\u017E")
          .put((int) '\u01C6', "d\u017E")
          .put((int) '\u01C7', "LJ")
          .put((int) '\u01C8', "Lj")
          .put((int) '\u01C9', "lj")
          .put((int) '\u01CA', "NJ")
          .put((int) '\u01CB', "Nj")
          .put((int) '\u01CC', "nj")
          .put((int) '\u01F1', "DZ")
          .put((int) '\u01F2', "Dz")
          .put((int) '\u01F3', "dz")
          .put((int) '\uFB00', "ff")
          .put((int) '\uFB01', "fi")
          .put((int) '\uFB02', "fl")
          .put((int) '\uFB03', "ffi")
          .put((int) '\uFB04', "ffl")
          .put((int) '\uFB05', "\u017Ft")
          .put((int) '\uFB06', "st")
          .buildOrThrow();

  private static final char CAPITAL_SIGMA = 'Σ';

  /** Punctuation that does not end a word. */
  private static final String INSIDE_WORDS =
      "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027"
          + "\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";

  private OpenClipText() {}

  static String clean(String text) {
    // Where there is a tag, references may be meant as they are written; the two later rounds
    // replace them all the same, but what they stand for is not repaired any more.
    String plain = text.indexOf('<') < 0 ? HtmlEntities.unescape(text) : text;
    String repaired = repair(plain);
    return lowerCase(HtmlEntities.unescape(HtmlEntities.unescape(repaired)));
  }

  /**
   * Lower case as Unicode defines it, and Python computes it. Java looks for the end of a word
   * differently to tell a final sigma, so sigmas are replaced first.
   */
  private static String lowerCase(String text) {
    if (text.indexOf(CAPITAL_SIGMA) < 0) {
      return text.toLowerCase(Locale.ROOT);
    }
    StringBuilder out = new StringBuilder(text);
    for (int i = 0; i < out.length(); i++) {
      if (out.charAt(i) == CAPITAL_SIGMA) {
        out.setCharAt(i, endsWithCased(text, i) && !startsWithCased(text, i + 1) ? 'ς' : 'σ');
      }
    }
    return out.toString().toLowerCase(Locale.ROOT);
  }

  /** Whether the last character before a position, but for those to be ignored, has a case. */
  private static boolean endsWithCased(String text, int end) {
    for (int i = end; i > 0; i -= Character.charCount(text.codePointBefore(i))) {
      int codePoint = text.codePointBefore(i);
      if (!isCaseIgnorable(codePoint)) {
        return isCased(codePoint);
      }
    }
    return false;
  }

  private static boolean startsWithCased(String text, int start) {
    for (int i = start; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int codePoint = text.codePointAt(i);
      if (!isCaseIgnorable(codePoint)) {
        return isCased(codePoint);
      }
    }
    return false;
  }

  private static boolean isCased(int codePoint) {
    return Character.isLowerCase(codePoint)
        || Character.isUpperCase(codePoint)
        || Character.isTitleCase(codePoint);
  }

  /** Unicode's property Case_Ignorable. */
  private static boolean isCaseIgnorable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default -> INSIDE_WORDS.indexOf(codePoint) >= 0;
    };
  }

  /** Until nothing changes: what one repair uncovers may need another. */
  private static String repair(String text) {
    String before = text;
    String after = repairOnce(before);
    while (!after.equals(before)) {
      before = after;
      after = repairOnce(before);
    }
    return after;
  }

  private static String repairOnce(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(codePoint -> out.append(repaired(codePoint)));
    String visible = TERMINAL_ESCAPE.matcher(out).replaceAll("");
    StringBuilder kept = new StringBuilder(visible.length());
    visible.codePoints().filter(c -> !isControl(c)).forEach(kept::appendCodePoint);
    return Normalizer.normalize(kept, Normalizer.Form.NFC);
  }

  private static String repaired(int codePoint) {
    @Nullable String letters = LIGATURES.get(codePoint);
    if (letters != null) {
      return straightQuotes(letters);
    }
    if (codePoint >= 0x80 && codePoint < 0xA0) {
      return straightQuotes(HtmlEntities.ofWindows(codePoint));
    }
    // The full and half widths of East Asian typesetting.
    boolean ofAnotherWidth = codePoint == 0x3000 || (codePoint >= 0xFF01 && codePoint < 0xFFF0);
    String character = Character.toString(codePoint);
    return straightQuotes(
        ofAnotherWidth ? Normalizer.normalize(character, Normalizer.Form.NFKC) : character);
  }

  /** Straight quotation marks for curly ones. */
  private static String straightQuotes(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean single = c == '\u02BC' || (c >= '\u2018' && c <= '\u201B');
      boolean twofold = c >= '\u201C' && c <= '\u201F';
      out.append(single ? '\'' : twofold ? '"' : c);
    }
    return out.toString();
  }

  private static boolean isControl(int codePoint) {
    boolean ascii =
        codePoint < 0x20
            && codePoint != '\t'
            && codePoint != '\n'
            && codePoint != '\f'
            && codePoint != '\r';
    return ascii
        || codePoint == 0x7F
        || (codePoint >= 0x206A && codePoint <= 0x206F)
        || codePoint == 0xFEFF
        || (codePoint >= 0xFFF9 && codePoint <= 0xFFFC);
  }
}
