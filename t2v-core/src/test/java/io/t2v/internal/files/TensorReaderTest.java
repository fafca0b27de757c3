package io.t2v.internal.files;

import static io.t2v.testing.RawSafetensors.header;
import static io.t2v.testing.RawSafetensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.OperatingSystemMXBean;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.RawSafetensors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that change between their header and their content. */
class TensorReaderTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void writeTwoNumbers() {
    file = folder.resolve("model.safetensors");
    write(file, 1.5f, -2);
  }

  private static void write(Path path, float first, float second) {
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    RawSafetensors.write(
        path,
        header(tensor("a", "F32", "[2]", 0, 8)),
        data.putFloat(first).putFloat(second).array());
  }

  @Test
  void readsWhatWasDeleted() throws IOException {
    try (TensorReader reader = reader()) {
      Files.delete(file);
      assertThat(read(reader)).containsExactly(1.5f, -2);
    }
  }

  @Test
  void readsWhatWasReplaced() throws IOException {
    try (TensorReader reader = reader()) {
      Path other = folder.resolve("other");
      write(other, 7, 8);
      Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
      assertThat(read(reader)).containsExactly(1.5f, -2);
    }
  }

  @Test
  void refusesWhatWasWrittenInto() throws IOException {
    FileTime before = Files.getLastModifiedTime(file);
    try (TensorReader reader = reader()) {
      Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 1));
      assertChanged(reader);
      Files.setLastModifiedTime(file, before);
      assertThat(read(reader)).containsExactly(1.5f, -2);
    }
  }

  @Test
  void refusesWhatGrew() throws IOException {
    try (TensorReader reader = reader()) {
      FileTime before = Files.getLastModifiedTime(file);
      Files.write(file, new byte[1], StandardOpenOption.APPEND);
      Files.setLastModifiedTime(file, before);
      assertChanged(reader);
    }
  }

  @Test
  void refusesWhatWasCutOffAndDeleted() throws IOException {
    try (TensorReader reader = reader()) {
      try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
        writer.setLength(Files.size(file) - 4);
      }
      Files.delete(file);
      assertChanged(reader);
    }
  }

  @Test
  void refusesWhatWasReplacedBeforeItWasOpened() throws IOException {
    TensorFiles tensors = TensorFiles.ofFile(file);
    Path other = folder.resolve("other");
    write(other, 7, 8);
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TensorReader.open(tensors))
        .withMessageContainingAll(file + " was changed", "another file has its place");
    Files.delete(file);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TensorReader.open(tensors))
        .withMessageContainingAll(file + " was changed", "is gone");
  }

  @Test
  void anInterruptedThreadReadsAndLeavesTheFileOpen() {
    try (TensorReader reader = reader()) {
      Thread.currentThread().interrupt();
      assertThat(read(reader)).containsExactly(1.5f, -2);
      assertThat(Thread.interrupted()).as("still interrupted").isTrue();
      assertThat(read(reader)).containsExactly(1.5f, -2);
    }
  }

  @Test
  void readsAFileThatIsLargerThanTheMemory() throws IOException {
    long memory =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    String header =
        header(
            tensor("hole", "U8", "[" + memory + "]", 0, memory),
            tensor("a", "F32", "[2]", memory, memory + 8));
    RawSafetensors.write(file, header, new byte[0]);
    try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
      writer.setLength(8 + header.length() + memory + 8);
      writer.seek(writer.length() - 8);
      writer.write(new byte[] {0, 0, (byte) 0xc0, 0x3f, 0, 0, 0, (byte) 0xc0});
    }
    try (TensorReader reader = reader()) {
      assertThat(read(reader)).containsExactly(1.5f, -2);
    }
  }

  @Test
  void refusesPipesAndDevicesWithoutOpeningThem() throws Exception {
    Path pipe = folder.resolve("pipe.safetensors");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path endless = Files.createSymbolicLink(folder.resolve("zero.bin"), Path.of("/dev/zero"));
    Path nowhere = Files.createSymbolicLink(folder.resolve("gone.bin"), folder.resolve("none"));
    assertRefused(pipe, pipe + " is no regular file");
    assertRefused(endless, endless + " is no regular file");
    assertRefused(folder, folder + " is no regular file");
    assertRefused(nowhere, nowhere + " is a link to a file that does not exist");
  }

  @Test
  void refusesWebPages() throws IOException {
    for (String name : new String[] {"model.safetensors", "model.bin"}) {
      for (String page : new String[] {"<!DOCTYPE html><html>", "\n <HTML lang=en>"}) {
        Path path = Files.writeString(folder.resolve(name), page);
        assertRefused(path, path + " is a web page");
      }
    }
  }

  @Test
  void namesOfTensorsCannotReachTheTerminal() {
    RawSafetensors.write(
        file, header(tensor("a\\u001b[2Jb\\u202e", "F99", "[1]", 0, 4)), new byte[4]);
    assertRefused(file, "tensor a\\u001b[2Jb\\u202e has the unknown");
  }

  private static void assertRefused(Path path, String message) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TensorFiles.ofFile(path))
        .withMessageContaining(message);
  }

  private void assertChanged(TensorReader reader) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> read(reader))
        .withMessageContainingAll(
            file + " was changed while it was in use",
            "rename them to their place, or use another folder");
  }

  private TensorReader reader() {
    return TensorReader.open(TensorFiles.ofFile(file));
  }

  private static float[] read(TensorReader reader) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      return HostTensors.toFloats(reader.read("a", 2));
    }
  }
}
