package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The alphabet of byte-level BPE: one printable character for each of the 256 bytes, so that a
 * vocabulary file can be read as text. Printable Latin-1 stands for itself, the other 68 bytes for
 * U+0100 onwards.
 */
final class ByteSymbols {
  private static final char[] SYMBOL_OF_BYTE = new char[256];
  private static final int[] BYTE_OF_SYMBOL = new int[256 + 68];

  /** All symbols in the order of CLIP's vocabulary: those that stand for themselves come first. */
  static final ImmutableList<Character> IN_VOCABULARY_ORDER = fill();

  private ByteSymbols() {}

  private static ImmutableList<Character> fill() {
    ImmutableList.Builder<Character> printable = ImmutableList.builder();
    ImmutableList.Builder<Character> others = ImmutableList.builder();
    Arrays.fill(BYTE_OF_SYMBOL, -1);
    char next = 256;
    for (int value = 0; value < 256; value++) {
      char symbol = isPrintable(value) ? (char) value : next++;
      SYMBOL_OF_BYTE[value] = symbol;
      BYTE_OF_SYMBOL[symbol] = value;
      (isPrintable(value) ? printable : others).add(symbol);
    }
    return printable.addAll(others.build()).build();
  }

  private static boolean isPrintable(int value) {
    return (value >= '!' && value <= '~') || (value >= 0xA1 && value != 0xAD);
  }

  /** The symbol of the byte {@code value}, of which the low eight bits count. */
  static char symbolOf(int value) {
    return SYMBOL_OF_BYTE[value & 0xFF];
  }

  /**
   * Appends the bytes that {@code token} stands for; a token that holds anything but symbols, as
   * one added to the vocabulary by hand may, stands for itself.
   */
  static void appendBytes(String token, ByteArrayOutputStream out) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = token.charAt(i);
      if (c >= BYTE_OF_SYMBOL.length || BYTE_OF_SYMBOL[c] < 0) {
        out.writeBytes(token.getBytes(StandardCharsets.UTF_8));
        return;
      }
      bytes[i] = (byte) BYTE_OF_SYMBOL[c];
    }
    out.writeBytes(bytes);
  }
}
