package io.t2v.internal.clip;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the reference knows of each code point. The reference mixes several versions of Unicode (16
 * for letters and numbers, 17 for lower case, 9 for NFC), and every Java version brings another
 * one; with tables of its own the tokenizer gives the same ids on all of them.
 */
final class CharacterTables {
  private static final Splitter BLANK = Splitter.on(' ');
  private static final ImmutableMap<String, String> LINES = readLines();

  private static final Ranges LETTERS = new Ranges("letters");
  private static final Ranges NUMBERS = new Ranges("numbers");
  private static final Ranges SPACES = new Ranges("spaces");
  private static final Ranges UNNORMALIZED = new Ranges("unnormalized");
  private static final ImmutableMap<Integer, String> LOWERCASE = readLowercase();

  private CharacterTables() {}

  static boolean isLetter(int codePoint) {
    return LETTERS.contains(codePoint);
  }

  static boolean isNumber(int codePoint) {
    return NUMBERS.contains(codePoint);
  }

  static boolean isSpace(int codePoint) {
    return SPACES.contains(codePoint);
  }

  /** Whether NFC leaves the code point alone because the reference's tables are older than it. */
  static boolean isUnnormalized(int codePoint) {
    return codePoint >= 128 && UNNORMALIZED.contains(codePoint);
  }

  /** The lower case of the code point on its own, or null where it is the code point itself. */
  static @Nullable String lowercase(int codePoint) {
    return LOWERCASE.get(codePoint);
  }

  private static ImmutableMap<String, String> readLines() {
    ImmutableMap.Builder<String, String> lines = ImmutableMap.builder();
    // Asked of the class itself: in a named module nobody else may read the resources of its
    // package.
    try (InputStream in =
        Objects.requireNonNull(CharacterTables.class.getResourceAsStream("clip-unicode.txt"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      for (String line : Splitter.on('\n').omitEmptyStrings().split(text)) {
        if (!line.startsWith("#")) {
          int blank = line.indexOf(' ');
          lines.put(line.substring(0, blank), line.substring(blank + 1));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The library's own clip-unicode.txt cannot be read", e);
    }
    return lines.buildOrThrow();
  }

  private static List<String> entries(String name) {
    return BLANK.splitToList(LINES.getOrDefault(name, ""));
  }

  private static ImmutableMap<Integer, String> readLowercase() {
    ImmutableMap.Builder<Integer, String> map = ImmutableMap.builder();
    for (String entry : entries("lowercase")) {
      int arrow = entry.indexOf('>');
      StringBuilder lower = new StringBuilder();
      for (String codePoint : Splitter.on(',').split(entry.substring(arrow + 1))) {
        lower.appendCodePoint(Integer.parseInt(codePoint, 16));
      }
      map.put(Integer.parseInt(entry, 0, arrow, 16), lower.toString());
    }
    return map.buildOrThrow();
  }

  /** A set of code points as sorted, disjoint ranges. */
  private static final class Ranges {
    private final int[] first;
    private final int[] last;

    Ranges(String name) {
      List<String> entries = entries(name);
      first = new int[entries.size()];
      last = new int[entries.size()];
      for (int i = 0; i < first.length; i++) {
        String entry = entries.get(i);
        int dash = entry.indexOf('-');
        first[i] = Integer.parseInt(entry, 0, dash < 0 ? entry.length() : dash, 16);
        last[i] = dash < 0 ? first[i] : Integer.parseInt(entry, dash + 1, entry.length(), 16);
      }
    }

    boolean contains(int codePoint) {
      int found = Arrays.binarySearch(first, codePoint);
      return found >= 0 || (found < -1 && codePoint <= last[-found - 2]);
    }
  }
}
