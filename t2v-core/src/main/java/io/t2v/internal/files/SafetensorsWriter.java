package io.t2v.internal.files;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Writes safetensors files from values that are made on the way: a file may be larger than memory.
 */
public final class SafetensorsWriter {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /** The values of one tensor, row by row. */
  @FunctionalInterface
  public interface ValueSource {
    float next();
  }

  /** Gives the values of each tensor. */
  @FunctionalInterface
  public interface TensorValues {
    ValueSource of(String name, long[] shape);
  }

  public static void write(
      Path file,
      String dtype,
      SortedMap<String, long[]> shapes,
      TensorValues tensors,
      LongConsumer progress)
      throws IOException {
    checkArgument(
        dtype.equals("F32") || dtype.equals("F16"), "dtype is %s, expected F32 or F16", dtype);
    int elementBytes = dtype.equals("F32") ? Float.BYTES : Short.BYTES;
    Path temporary = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        // Transformers refuses files that do not say which library's tensors they hold.
        byte[] header = header(Map.of("format", "pt"), fields(dtype, elementBytes, shapes));
        buffer.putLong(header.length);
        drain(buffer, channel);
        channel.write(ByteBuffer.wrap(header));
        for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
          ValueSource values = tensors.of(tensor.getKey(), tensor.getValue());
          for (long left = elements(tensor.getValue()); left > 0; left--) {
            if (buffer.remaining() < elementBytes) {
              drain(buffer, channel);
              progress.accept(channel.position());
            }
            if (elementBytes == Float.BYTES) {
              buffer.putFloat(values.next());
            } else {
              buffer.putShort(HalfFloat.of(values.next()));
            }
          }
          drain(buffer, channel);
        }
        progress.accept(channel.position());
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static long elements(long[] shape) {
    return LongStream.of(shape).reduce(1, Math::multiplyExact);
  }

  private static Map<String, Field> fields(
      String dtype, int elementBytes, SortedMap<String, long[]> shapes) {
    Map<String, Field> fields = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> fields.put(name, new Field(dtype, shape, elements(shape) * elementBytes)));
    return fields;
  }

  /**
   * What the header says of a tensor.
   *
   * @param dtype by the format's name
   * @param shape dimensions, outermost first
   * @param bytes of all numbers
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Field(String dtype, long[] shape, long bytes) {}

  /** The JSON header, without its length, of tensors that lie one after the other. */
  static byte[] header(Map<String, String> metadata, Map<String, Field> fields) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("__metadata__", metadata);
    long offset = 0;
    for (Map.Entry<String, Field> field : fields.entrySet()) {
      long end = offset + field.getValue().bytes();
      header.put(
          field.getKey(),
          Map.of(
              "dtype",
              field.getValue().dtype(),
              "shape",
              field.getValue().shape(),
              "data_offsets",
              List.of(offset, end)));
      offset = end;
    }
    String json = JSON.std.asString(header);
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    int padding = (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
    return (json + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
  }
}
