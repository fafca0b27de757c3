package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Json;
import io.t2v.internal.io.JsonException;
import io.t2v.internal.io.Printable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file in the safetensors format: a JSON header of names, types, shapes and offsets, then the
 * bytes. Only the header is read here; {@link TensorReader} reads tensors.
 *
 * <p>The header is checked as the format's own reader does: sizes agree with shapes, tensors
 * neither overlap nor leave holes, the last one ends where the file ends.
 *
 * @see <a href="https://github.com/huggingface/safetensors">safetensors</a>
 */
final class SafetensorsFile {
  /**
   * Headers of the largest models take about 1 MB; the limit keeps a hostile file from the heap.
   */
  private static final long MAX_HEADER_BYTES = 32L << 20;

  private static final int LENGTH_BYTES = 8;
  private static final String METADATA = "__metadata__";

  private SafetensorsFile() {}

  /**
   * Reads and checks the header.
   *
   * @throws CheckpointException if the file is missing, truncated, or not what the format asks for
   */
  static TensorFile open(Path path) {
    FileIdentity identity = FileIdentity.of(path);
    Header header = readHeader(path);
    return new TensorFile(identity, entries(path, header), metadata(header));
  }

  /**
   * Reads what the file says of itself.
   *
   * @return name to text; empty if there is none
   * @throws CheckpointException if the file is missing, truncated, or not what the format asks for
   */
  static Map<String, String> metadata(Path path) {
    FileIdentity.of(path);
    return metadata(readHeader(path));
  }

  private static ImmutableMap<String, String> metadata(Header header) {
    ImmutableMap.Builder<String, String> metadata = ImmutableMap.builder();
    if (header.fields().get(METADATA) instanceof Map<?, ?> fields) {
      fields.forEach((name, text) -> metadata.put(String.valueOf(name), String.valueOf(text)));
    }
    return metadata.buildOrThrow();
  }

  /**
   * The header, parsed.
   *
   * @param fields by name: tensors, and metadata
   * @param dataStart where the first tensor's bytes are expected
   * @param size of the file
   */
  private record Header(Map<String, @Nullable Object> fields, long dataStart, long size) {}

  private static Header readHeader(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw damaged(path, "it has " + size + " bytes, not even the 8 of the header's length");
      }
      long headerBytes = FileBytes.read(channel, 0, LENGTH_BYTES).getLong();
      if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
        throw damaged(
            path,
            "its header claims "
                + Long.toUnsignedString(headerBytes)
                + " bytes, more than the "
                + MAX_HEADER_BYTES
                + " that this library accepts");
      }
      long dataStart = LENGTH_BYTES + headerBytes;
      if (dataStart > size) {
        throw damaged(
            path, "its header ends at byte " + dataStart + ", but the file has " + size + " bytes");
      }
      byte[] json = FileBytes.read(channel, LENGTH_BYTES, (int) headerBytes).array();
      return new Header(Json.parseObject(json, "header"), dataStart, size);
    } catch (JsonException e) {
      throw damaged(path, "its header is no JSON object: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException("Could not read " + path + ": " + e + ".", e);
    }
  }

  private static ImmutableMap<String, TensorEntry> entries(Path path, Header header) {
    ImmutableMap.Builder<String, TensorEntry> entries = ImmutableMap.builder();
    header
        .fields()
        .forEach(
            (name, value) -> {
              if (!name.equals(METADATA)) {
                entries.put(name, entry(path, name, value, header.dataStart(), header.size()));
              }
            });
    ImmutableMap<String, TensorEntry> result = entries.buildOrThrow();
    checkCoverage(path, result, header.dataStart(), header.size());
    return result;
  }

  private static TensorEntry entry(
      Path path, String name, @Nullable Object value, long dataStart, long size) {
    if (!(value instanceof Map<?, ?> fields)
        || !(fields.get("dtype") instanceof String dtype)
        || !(fields.get("shape") instanceof List<?> shape)
        || !(fields.get("data_offsets") instanceof List<?> offsets)
        || offsets.size() != 2) {
      throw damaged(
          path,
          "tensor "
              + Printable.of(name)
              + " lacks dtype, shape or data_offsets: "
              + Printable.of(value));
    }
    ElementType type = ElementType.named(dtype);
    if (type == null) {
      throw damaged(
          path,
          "tensor " + Printable.of(name) + " has the unknown number type " + Printable.of(dtype));
    }
    List<Long> dimensions = new ArrayList<>();
    long expected = type.bytes();
    for (Object dimension : shape) {
      long length = nonNegative(path, name, dimension);
      dimensions.add(length);
      try {
        expected = Math.multiplyExact(expected, length);
      } catch (ArithmeticException e) {
        throw damaged(
            path,
            "tensor " + Printable.of(name) + " has the impossible shape " + Printable.of(shape));
      }
    }
    long begin = nonNegative(path, name, offsets.get(0));
    long end = nonNegative(path, name, offsets.get(1));
    if (end < begin || end > size - dataStart) {
      throw damaged(
          path,
          "tensor "
              + Printable.of(name)
              + " lies at bytes "
              + begin
              + " to "
              + end
              + ", but there are "
              + (size - dataStart)
              + " bytes of data. If the file was downloaded, it may have been cut off");
    }
    if (end - begin != expected) {
      throw damaged(
          path,
          "tensor "
              + Printable.of(name)
              + " of shape "
              + Printable.of(shape)
              + " and type "
              + dtype
              + " needs "
              + expected
              + " bytes, but has "
              + (end - begin));
    }
    return TensorEntry.contiguous(path.toString(), name, type, dimensions, dataStart + begin);
  }

  private static long nonNegative(Path path, String name, @Nullable Object number) {
    if ((number instanceof Integer || number instanceof Long)
        && ((Number) number).longValue() >= 0) {
      return ((Number) number).longValue();
    }
    throw damaged(
        path,
        "tensor "
            + Printable.of(name)
            + " has "
            + Printable.of(number)
            + " where a size is expected");
  }

  private static void checkCoverage(
      Path path, Map<String, TensorEntry> entries, long dataStart, long size) {
    long position = dataStart;
    List<Map.Entry<String, TensorEntry>> ordered = new ArrayList<>(entries.entrySet());
    ordered.sort(
        Comparator.comparingLong((Map.Entry<String, TensorEntry> e) -> e.getValue().offset())
            .thenComparingLong(e -> e.getValue().bytes()));
    for (Map.Entry<String, TensorEntry> next : ordered) {
      if (next.getValue().offset() != position) {
        throw damaged(
            path,
            "tensor "
                + Printable.of(next.getKey())
                + " begins at byte "
                + next.getValue().offset()
                + " of the file, where byte "
                + position
                + " is expected: tensors overlap, or leave a hole");
      }
      position += next.getValue().bytes();
    }
    if (position != size) {
      throw damaged(
          path,
          "its tensors end at byte "
              + position
              + ", but the file has "
              + size
              + " bytes. If the file was downloaded, fetch it again");
    }
  }

  private static CheckpointException damaged(Path path, String why) {
    return damaged(path, why, null);
  }

  private static CheckpointException damaged(Path path, String why, @Nullable Throwable cause) {
    return new CheckpointException(path + " is no intact safetensors file: " + why + ".", cause);
  }
}
