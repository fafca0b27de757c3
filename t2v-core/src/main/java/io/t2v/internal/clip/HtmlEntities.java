package io.t2v.internal.clip;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.nio.charset.Charset;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** HTML's character references, by name or by number, replaced by the characters they mean. */
final class HtmlEntities {
  private static final Pattern REFERENCE =
      Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");
  private static final Charset WINDOWS = Charset.forName("windows-1252");
  private static final int LONGEST_NUMBER = 8;
  private static final String REPLACEMENT = "\uFFFD";

  private HtmlEntities() {}

  /** The table is read when a text first needs it. */
  private static final class Names {
    static final ImmutableMap<String, String> CHARACTERS = read();

    private static ImmutableMap<String, String> read() {
      ImmutableMap.Builder<String, String> characters = ImmutableMap.builder();
      for (String line : PackedLines.read("html-entities.txt.gz")) {
        int blank = line.indexOf(' ');
        StringBuilder text = new StringBuilder();
        for (String codePoint : Splitter.on(',').split(line.substring(blank + 1))) {
          text.appendCodePoint(Integer.parseInt(codePoint, 16));
        }
        characters.put(line.substring(0, blank), text.toString());
      }
      return characters.buildOrThrow();
    }
  }

  /** Replaces each reference once, also old names without a semicolon, as Python does. */
  static String unescape(String text) {
    return text.indexOf('&') < 0
        ? text
        : REFERENCE.matcher(text).replaceAll(HtmlEntities::replacement);
  }

  private static String replacement(MatchResult reference) {
    String content = reference.group(1);
    return Matcher.quoteReplacement(content.startsWith("#") ? numbered(content) : named(content));
  }

  private static String named(String name) {
    @Nullable String whole = Names.CHARACTERS.get(name);
    if (whole != null) {
      return whole;
    }
    for (int end = name.length() - 1; end > 1; end--) {
      @Nullable String start = Names.CHARACTERS.get(name.substring(0, end));
      if (start != null) {
        return start + name.substring(end);
      }
    }
    return "&" + name;
  }

  private static String numbered(String number) {
    boolean hexadecimal = number.charAt(1) == 'x' || number.charAt(1) == 'X';
    String digits = number.substring(hexadecimal ? 2 : 1).replace(";", "").replaceFirst("^0+", "");
    if (digits.length() > LONGEST_NUMBER) {
      return REPLACEMENT;
    }
    long codePoint = digits.isEmpty() ? 0 : Long.parseLong(digits, hexadecimal ? 16 : 10);
    if (codePoint == 0
        || codePoint > Character.MAX_CODE_POINT
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)) {
      return REPLACEMENT;
    }
    int character = (int) codePoint;
    if (character >= 0x80 && character < 0xA0) {
      return ofWindows(character);
    }
    return isNoCharacter(character) ? "" : Character.toString(character);
  }

  /**
   * What a byte meant in Windows' western code page; the five that it lacks stand for themselves.
   */
  static String ofWindows(int control) {
    String character = new String(new byte[] {(byte) control}, WINDOWS);
    return character.equals(REPLACEMENT) ? Character.toString(control) : character;
  }

  private static boolean isNoCharacter(int codePoint) {
    boolean control =
        (codePoint < 0x20
                && codePoint != '\t'
                && codePoint != '\n'
                && codePoint != '\f'
                && codePoint != '\r')
            || codePoint == 0x7F;
    boolean unassigned =
        (codePoint >= 0xFDD0 && codePoint <= 0xFDEF) || (codePoint & 0xFFFE) == 0xFFFE;
    return control || unassigned;
  }
}
