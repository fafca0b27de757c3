package io.t2v.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files byte by byte, right and wrong ones. */
public final class RawSafetensors {
  private RawSafetensors() {}

  /** Writes a header of any content, with its true length in front, and so many bytes of zeros. */
  public static Path write(Path file, String header, int dataBytes) {
    return write(file, header, new byte[dataBytes]);
  }

  /** Writes a header of any content, with its true length in front, and data. */
  public static Path write(Path file, String header, byte[] data) {
    return write(file, header.getBytes(StandardCharsets.UTF_8), data);
  }

  /** Writes a header of any bytes, with its true length in front, and data. */
  public static Path write(Path file, byte[] header, byte[] data) {
    return bytes(
        file,
        ByteBuffer.allocate(Long.BYTES + header.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .put(data)
            .array());
  }

  /** Writes bytes as they are. */
  public static Path bytes(Path file, byte[] content) {
    try {
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A header's entry for one tensor. */
  public static String tensor(String name, String dtype, String shape, long begin, long end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, begin, end);
  }

  /** A header of such entries. */
  public static String header(String... entries) {
    return "{" + String.join(",", entries) + "}";
  }
}
