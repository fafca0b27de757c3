package io.t2v.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.Longs;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.AtomicFile;
import io.t2v.internal.io.Json;
import io.t2v.internal.io.Printable;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A file of tensors and plain values that appears complete or not at all, and that notices every
 * changed byte: safetensors, with the values as JSON text in its metadata, beside a SHA-256 of
 * everything else. For state of some megabytes: all of it is held on the heap.
 *
 * @param values by name
 * @param bytes of the tensors
 */
public record StateFile(Map<String, @Nullable Object> values, Map<String, TensorBytes> bytes) {
  private static final String FORMAT = "format";
  private static final String VALUES = "values";
  private static final String DIGEST = "sha256";

  /** Number types in the order in which libtorch promotes them. */
  private static final ImmutableMap<ScalarType, ElementType> TYPES =
      ImmutableMap.of(
          ScalarType.Byte, ElementType.U8,
          ScalarType.Int, ElementType.I32,
          ScalarType.Long, ElementType.I64,
          ScalarType.Half, ElementType.F16,
          ScalarType.BFloat16, ElementType.BF16,
          ScalarType.Float, ElementType.F32,
          ScalarType.Double, ElementType.F64);

  /** A tensor's numbers, as the file holds them. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record TensorBytes(ElementType type, long[] shape, byte[] numbers) {}

  /**
   * Writes a file, and waits until it is on the disk.
   *
   * @param file the place; a file there is replaced in one step
   * @param format says what the file is for
   * @param values plain values, as JSON has them
   * @param tensors on any device
   * @throws IOException if it cannot be written; what was there is unchanged then
   */
  public static void write(
      Path file, String format, Map<String, ?> values, Map<String, Tensor> tensors)
      throws IOException {
    Map<String, TensorBytes> bytes = new LinkedHashMap<>();
    Map<String, SafetensorsWriter.Field> fields = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          TensorBytes numbers = bytesOf(name, tensor);
          bytes.put(name, numbers);
          fields.put(
              name,
              new SafetensorsWriter.Field(
                  numbers.type().name(), numbers.shape(), numbers.numbers().length));
        });
    String json = JSON.std.asString(values);
    byte[] header =
        SafetensorsWriter.header(
            Map.of(FORMAT, format, VALUES, json, DIGEST, digest(json, bytes)), fields);
    try (AtomicFile target = AtomicFile.create(file)) {
      try (OutputStream out = Files.newOutputStream(target.temporary())) {
        out.write(
            ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .array());
        out.write(header);
        for (TensorBytes tensor : bytes.values()) {
          out.write(tensor.numbers());
        }
      }
      target.commit();
    }
  }

  private static TensorBytes bytesOf(String name, Tensor tensor) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor plain = tensor.cpu().contiguous();
      ElementType type = TYPES.get(plain.scalar_type().intern());
      Preconditions.checkArgument(
          type != null, "%s is %s, expected a type of %s", name, plain, TYPES.keySet());
      byte[] numbers = new byte[Math.toIntExact(plain.numel() * type.bytes())];
      if (numbers.length > 0) {
        new BytePointer(plain.data_ptr()).get(numbers);
      }
      return new TensorBytes(type, HostTensors.shape(plain), numbers);
    }
  }

  /** Of the text, and of each tensor with its name, type and shape. */
  private static String digest(String json, Map<String, TensorBytes> tensors) {
    Hasher hasher = Hashing.sha256().newHasher().putString(json, UTF_8);
    tensors.forEach(
        (name, tensor) -> {
          hasher.putString(name + tensor.type() + Longs.asList(tensor.shape()), UTF_8);
          hasher.putBytes(tensor.numbers());
        });
    return hasher.hash().toString();
  }

  /**
   * Reads a file.
   *
   * @param file that {@link #write} wrote
   * @param format as it was written
   * @return its content
   * @throws CheckpointException if it is missing, damaged, or of another format
   */
  public static StateFile read(Path file, String format) {
    ForeignFile.start(file, "a safetensors file of the format " + format);
    Map<String, String> metadata = SafetensorsFile.metadata(file);
    String found = metadata.getOrDefault(FORMAT, "none");
    if (!found.equals(format)) {
      throw new CheckpointException(
          file + " is a safetensors file of the format " + found + ", expected " + format + ".");
    }
    TensorFile header = SafetensorsFile.open(file);
    requireFitsOnHeap(file, header.identity().size(), Runtime.getRuntime().maxMemory());
    header.entries().forEach((name, entry) -> requireKnownType(file, name, entry.type()));
    String json = metadata.getOrDefault(VALUES, "");
    try {
      byte[] all = Files.readAllBytes(file);
      Map<String, TensorBytes> bytes = new LinkedHashMap<>();
      header.entries().forEach((name, entry) -> bytes.put(name, bytesOf(entry, all)));
      if (!digest(json, bytes).equals(metadata.get(DIGEST))) {
        throw new CheckpointException(
            file + " is damaged: its content does not have the digest that it names.");
      }
      return new StateFile(Json.parseObject(json.getBytes(UTF_8), VALUES), bytes);
    } catch (IOException e) {
      throw new CheckpointException("Could not read " + file + ": " + e + ".", e);
    }
  }

  /** The heap holds it twice while it is read. */
  static void requireFitsOnHeap(Path file, long size, long maxHeap) {
    long most = Math.min(maxHeap / 3, Integer.MAX_VALUE - Long.BYTES);
    if (size > most) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, more than the %,d that the Java heap has room for. If it is what it claims to be, start Java with a larger heap (-Xmx).",
              file,
              size,
              most));
    }
  }

  private static void requireKnownType(Path file, String name, ElementType type) {
    if (!TYPES.containsValue(type)) {
      throw new CheckpointException(
          "%s: %s has the type %s, expected one of %s."
              .formatted(file, Printable.of(name), type, TYPES.values()));
    }
  }

  private static TensorBytes bytesOf(TensorEntry entry, byte[] file) {
    byte[] numbers = new byte[Math.toIntExact(entry.bytes())];
    System.arraycopy(file, Math.toIntExact(entry.offset()), numbers, 0, numbers.length);
    return new TensorBytes(entry.type(), Longs.toArray(entry.shape()), numbers);
  }

  /**
   * Makes tensors of the content.
   *
   * @return by name, on the CPU, of the innermost open scope
   */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    bytes.forEach((name, tensor) -> tensors.put(name, tensor(tensor)));
    return tensors;
  }

  private static Tensor tensor(TensorBytes from) {
    ScalarType type =
        TYPES.entrySet().stream()
            .filter(known -> known.getValue() == from.type())
            .map(Map.Entry::getKey)
            .findAny()
            .orElseThrow();
    Tensor tensor = torch.empty(from.shape(), new TensorOptions(type), new MemoryFormatOptional());
    if (from.numbers().length > 0) {
      new BytePointer(tensor.data_ptr()).put(from.numbers());
    }
    return tensor;
  }
}
