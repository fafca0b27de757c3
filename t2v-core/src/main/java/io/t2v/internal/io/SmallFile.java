package io.t2v.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;

/**
 * Reads a file that fits into memory: a configuration, a vocabulary, an index.
 *
 * <p>A checkpoint may come from anywhere, so a name says little about the file. A FIFO would block
 * its reader forever, {@code /dev/zero} never ends, and a sparse file of 3 GB costs its maker
 * nothing. Only a regular file is opened, and no more is read than the caller allows.
 */
public final class SmallFile {
  private SmallFile() {}

  /**
   * Reads a whole file. Links are followed.
   *
   * @param file a regular file
   * @param maxBytes the most that it may hold
   * @return its content
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws IOException if it is no regular file, is longer than allowed, or cannot be read; the
   *     message names it
   */
  public static byte[] read(Path file, int maxBytes) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    if (!attributes.isRegularFile()) {
      throw refusal(
          file,
          "expected a regular file, found "
              + (attributes.isDirectory() ? "a directory" : "a pipe, a device or a socket"));
    }
    if (attributes.size() > maxBytes) {
      throw refusal(
          file,
          String.format(
              Locale.ROOT, "holds %,d bytes, expected at most %,d", attributes.size(), maxBytes));
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(maxBytes);
      // A size that was right a moment ago, or that a pseudo file system makes up, proves nothing.
      if (in.read() >= 0) {
        throw refusal(
            file,
            String.format(Locale.ROOT, "holds more than the %,d bytes expected at most", maxBytes));
      }
      return content;
    }
  }

  /**
   * Reads a whole text in UTF-8. Links are followed.
   *
   * @param file a regular file
   * @param maxBytes the most that it may hold
   * @return its content
   * @throws CharacterCodingException if it is no UTF-8
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws IOException if it is no regular file, is longer than allowed, or cannot be read; the
   *     message names it
   */
  public static String readText(Path file, int maxBytes) throws IOException {
    return utf8(read(file, maxBytes));
  }

  static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static FileSystemException refusal(Path file, String reason) {
    return new FileSystemException(file.toString(), null, reason);
  }
}
