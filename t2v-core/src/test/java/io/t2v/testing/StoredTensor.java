package io.t2v.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A tensor as it lies in a file, to be written into a file of another format. */
public record StoredTensor(String name, String dtype, long[] shape, byte[] data) {
  private static final Map<String, Integer> ELEMENT_BYTES = Map.of("F32", 4, "F16", 2, "BF16", 2);

  /** A tensor of float32. */
  public static StoredTensor of(String name, float[] values, long... shape) {
    ByteBuffer data =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new StoredTensor(name, "F32", shape, data.array());
  }

  public long elements() {
    return data.length / ELEMENT_BYTES.get(dtype);
  }

  public StoredTensor named(String newName) {
    return new StoredTensor(newName, dtype, shape, data);
  }

  /** Reads a safetensors file without the code under test. */
  public static List<StoredTensor> read(Path safetensors) {
    try {
      ByteBuffer file =
          ByteBuffer.wrap(Files.readAllBytes(safetensors)).order(ByteOrder.LITTLE_ENDIAN);
      byte[] json = new byte[(int) file.getLong()];
      file.get(json);
      int start = file.position();
      List<StoredTensor> tensors = new ArrayList<>();
      JSON.std
          .mapFrom(new String(json, StandardCharsets.UTF_8))
          .forEach(
              (name, value) -> {
                if (!name.equals("__metadata__")) {
                  Map<?, ?> entry = (Map<?, ?>) value;
                  long[] offsets = longs(entry.get("data_offsets"));
                  byte[] data = new byte[(int) (offsets[1] - offsets[0])];
                  file.get(start + (int) offsets[0], data);
                  tensors.add(
                      new StoredTensor(
                          name, (String) entry.get("dtype"), longs(entry.get("shape")), data));
                }
              });
      return tensors;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long[] longs(Object list) {
    return ((List<?>) list).stream().mapToLong(d -> ((Number) d).longValue()).toArray();
  }

  /** Writes a safetensors file. */
  public static Path write(Path safetensors, List<StoredTensor> tensors) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    List<String> entries = new ArrayList<>();
    for (StoredTensor tensor : tensors) {
      int begin = data.size();
      data.writeBytes(tensor.data());
      entries.add(
          RawSafetensors.tensor(
              tensor.name(), tensor.dtype(), Arrays.toString(tensor.shape()), begin, data.size()));
    }
    return RawSafetensors.write(
        safetensors, RawSafetensors.header(entries.toArray(String[]::new)), data.toByteArray());
  }
}
