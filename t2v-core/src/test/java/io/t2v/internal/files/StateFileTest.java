package io.t2v.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.RawSafetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

  /** A sparse file of 8 TB. */
  @Test
  void aFileThatTheHeapCannotHoldIsNamed() throws IOException {
    String header =
        "{\"__metadata__\": {\"format\": \"test\"}, "
            + RawSafetensors.tensor("a", "F32", "[" + (1L << 41) + "]", 0, 1L << 43)
            + "}";
    Path file = RawSafetensors.write(folder.resolve("state.safetensors"), header, 0);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), channel.size() + (1L << 43) - 1);
    }
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateFile.read(file, "test"))
        .withMessageContaining(file.toString())
        .withMessageContainingAll("8,796,093,02", "more than the", "-Xmx");
  }
}
