package io.t2v.internal.io;

import org.jspecify.annotations.Nullable;

/** Shows values from files in messages: on one line, without control characters, not too long. */
public final class Printable {
  private static final int MAX_LENGTH = 100;

  private Printable() {}

  /**
   * Shows a value.
   *
   * @param value any
   * @return its text, with control characters, separators of lines, direction marks and lone
   *     surrogates written as {@code \}{@code u001b}; cut after 100 characters
   */
  public static String of(@Nullable Object value) {
    String text = String.valueOf(value);
    StringBuilder out = new StringBuilder();
    for (int i = 0, codePoint; i < text.length(); i += Character.charCount(codePoint)) {
      if (i >= MAX_LENGTH) {
        return out.append("...").toString();
      }
      codePoint = text.codePointAt(i);
      if (isVisible(codePoint)) {
        out.appendCodePoint(codePoint);
      } else {
        out.append("\\u%04x".formatted(codePoint));
      }
    }
    return out.toString();
  }

  private static boolean isVisible(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}
