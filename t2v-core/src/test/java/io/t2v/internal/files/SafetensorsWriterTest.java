package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  /** Fills the buffer of one MiB, and some of the next one. */
  private static final int MANY = 300_000;

  @TempDir Path folder;
  private final List<Long> progress = new ArrayList<>();

  /** Writes each tensor as 0, 1, 2 and on. */
  private ByteBuffer write(String dtype, TreeMap<String, long[]> shapes) throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(
        file,
        dtype,
        shapes,
        (name, shape) -> {
          int[] next = {0};
          return () -> next[0]++;
        },
        progress::add);
    assertThat(folder).isDirectoryContaining(written -> written.equals(file));
    return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void writesTensorsThatAreLargerThanItsBuffer() throws IOException {
    ByteBuffer file = write("F32", new TreeMap<>(Map.of("a", new long[] {3, 100_000})));
    int data = Long.BYTES + Math.toIntExact(file.getLong(0));
    assertThat(data % Long.BYTES).isZero();
    assertThat(file.capacity()).isEqualTo(data + MANY * Float.BYTES);
    for (int i = 0; i < MANY; i++) {
      if (file.getFloat(data + i * Float.BYTES) != i) {
        assertThat(file.getFloat(data + i * Float.BYTES)).as("value %s", i).isEqualTo(i);
      }
    }
    assertThat(progress).containsExactly((long) data + (1 << 20), (long) file.capacity());
  }

  @Test
  void writesHalvesOneTensorAfterTheOther() throws IOException {
    TreeMap<String, long[]> shapes = new TreeMap<>();
    shapes.put("a", new long[] {2});
    shapes.put("b", new long[] {3});
    ByteBuffer file = write("F16", shapes);
    int data = Long.BYTES + Math.toIntExact(file.getLong(0));
    short one = HalfFloat.of(1);
    short two = HalfFloat.of(2);
    short[] values = new short[5];
    file.position(data).slice().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(values);
    assertThat(values).containsExactly((short) 0, one, (short) 0, one, two);
    TensorFiles tensors = TensorFiles.ofFile(folder.resolve("model.safetensors"));
    assertThat(tensors.entry("b").shape()).containsExactly(3L);
    assertThat(tensors.entry("b").offset()).isEqualTo(data + 2 * Short.BYTES);
  }

  @Test
  void refusesAnotherDtype() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write("BF16", new TreeMap<>()))
        .withMessage("dtype is BF16, expected F32 or F16");
  }
}
