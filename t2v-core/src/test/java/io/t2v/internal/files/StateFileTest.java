package io.t2v.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that this library did not write. */
class StateFileTest {
  @TempDir Path folder;

  @Test
  void aTypeThatIsNeverWrittenIsNamed() throws IOException {
    byte[] header =
        """
        {"__metadata__": {"format": "test"}, \
        "mask": {"dtype": "BOOL", "shape": [1], "data_offsets": [0, 1]}}"""
            .getBytes(UTF_8);
    ByteBuffer content =
        ByteBuffer.allocate(8 + header.length + 1)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header);
    Path file = Files.write(folder.resolve("state.safetensors"), content.array());
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateFile.read(file, "test"))
        .withMessageContainingAll("mask", "BOOL", "F32");
  }

  @Test
  void aFileThatTheHeapCannotHoldIsNamed() {
    Path file = Path.of("state.safetensors");
    StateFile.requireFitsOnHeap(file, 1_000_000, 3_000_000);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateFile.requireFitsOnHeap(file, 1_000_001, 3_000_000))
        .withMessageContainingAll("state.safetensors", "1,000,001", "the 1,000,000", "-Xmx");
    assertThatExceptionOfType(CheckpointException.class)
        .as("one array holds less than 2 GiB")
        .isThrownBy(() -> StateFile.requireFitsOnHeap(file, 1L << 31, Long.MAX_VALUE));
  }
}
