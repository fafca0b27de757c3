package io.t2v.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A text that a user keeps in a file: UTF-8, with or without a byte order mark.
 *
 * @param name of the file, for messages
 * @param lines without their ends
 */
record TextFile(String name, List<String> lines) {
  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final int MEBIBYTE = 1 << 20;

  TextFile {
    lines = List.copyOf(lines);
  }

  /**
   * Reads a file, or what another program writes into a pipe.
   *
   * @param most MiB that it may hold
   * @param content for messages: what is expected in it
   * @throws FailureException if there is no such file, if it is larger or no UTF-8
   */
  static TextFile read(Path file, int most, String content) throws IOException {
    if (!Files.exists(file)) {
      throw new FailureException(
          "There is no file " + file + ", expected one with " + content + ".");
    }
    if (Files.isDirectory(file)) {
      throw new FailureException(file + " is a folder, expected a file with " + content + ".");
    }
    if (Files.size(file) > (long) most * MEBIBYTE) {
      throw tooLarge(file.toString(), most, content);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), most, content);
    }
  }

  /** The same of a stream, which stays open. */
  static TextFile read(InputStream in, String name, int most, String content) throws IOException {
    byte[] bytes = in.readNBytes(most * MEBIBYTE + 1);
    if (bytes.length > most * MEBIBYTE) {
      throw tooLarge(name, most, content);
    }
    String text = decode(bytes, name);
    boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
    return new TextFile(name, (marked ? text.substring(1) : text).lines().toList());
  }

  private static FailureException tooLarge(String name, int most, String content) {
    return new FailureException(
        "%s holds more than %s MiB, expected a file with %s.".formatted(name, most, content));
  }

  private static String decode(byte[] bytes, String name) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    if (decoder.decode(in, out, true).isError()) {
      int line = 1 + (int) out.flip().chars().filter(letter -> letter == '\n').count();
      throw new FailureException(
          "%s, line %s is no UTF-8: save the file in UTF-8.".formatted(name, line));
    }
    return out.flip().toString();
  }
}
