package io.t2v.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallFileTest {
  @TempDir Path folder;

  @Test
  void readsAFileUpToItsLimit() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "größer");
    assertThat(SmallFile.readText(file, 8)).isEqualTo("größer");
    assertThat(SmallFile.read(file, 8)).hasSize(8);
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> SmallFile.read(file, 7))
        .withMessage(file + ": holds 8 bytes, expected at most 7");
  }

  @Test
  void readsAnEmptyFile() throws IOException {
    assertThat(SmallFile.read(Files.createFile(folder.resolve("a")), 0)).isEmpty();
  }

  @Test
  void refusesWhatIsNoRegularFile() throws IOException {
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> SmallFile.read(folder, 100))
        .withMessage(folder + ": expected a regular file, found a directory");
    // As a pipe or a device would, but made without leaving Java.
    Path socket = folder.resolve("s");
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(socket));
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> SmallFile.read(socket, 100))
          .withMessage(socket + ": expected a regular file, found a pipe, a device or a socket");
    }
  }

  @Test
  void tellsMissingFilesAndOtherEncodingsApart() throws IOException {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> SmallFile.read(folder.resolve("none"), 1));
    Path file = Files.write(folder.resolve("a"), new byte[] {(byte) 0xC3, 0x28});
    assertThatExceptionOfType(CharacterCodingException.class)
        .isThrownBy(() -> SmallFile.readText(file, 10));
  }
}
