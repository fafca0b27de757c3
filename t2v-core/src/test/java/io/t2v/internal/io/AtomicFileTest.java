package io.t2v.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  private static void write(Path place, String text) throws IOException {
    try (AtomicFile file = AtomicFile.create(place)) {
      Files.writeString(file.temporary(), text);
      file.commit();
    }
  }

  @Test
  void replacesNothingWhereAskedTo() throws IOException {
    Path place = folder.resolve("a.txt");
    for (String text : List.of("one", "two", "three")) {
      try (AtomicFile file = AtomicFile.create(place)) {
        Files.writeString(file.temporary(), text);
        Path written = file.commitWithoutReplacing(file.temporary());
        assertThat(written).hasContent(text);
      }
    }

    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("a.txt", "a-1.txt", "a-2.txt");
    assertThat(place).hasContent("one");
  }

  @Test
  void appearsWithTheCommitAndReplacesWhatWasThere() throws IOException {
    Path place = Files.writeString(folder.resolve("a.txt"), "old");
    try (AtomicFile file = AtomicFile.create(place)) {
      Files.writeString(file.temporary(), "new");
      assertThat(place).hasContent("old");
      file.commit();
      assertThat(place).hasContent("new");
    }

    assertThat(folder.toFile().list()).containsExactly("a.txt");
  }

  @Test
  void withoutACommitNothingIsLeft() throws IOException {
    try (AtomicFile file = AtomicFile.create(folder.resolve("a.txt"))) {
      Files.writeString(file.temporary(), "half");
      Files.writeString(file.temporary("further"), "more");
    }

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFailedMoveLeavesNothing() throws IOException {
    Path place = folder.resolve("a.txt");
    try (AtomicFile file = AtomicFile.create(place)) {
      Files.writeString(file.temporary(), "new");
      Files.createDirectories(place.resolve("in the way"));

      assertThatExceptionOfType(IOException.class).isThrownBy(file::commit);
    }

    assertThat(folder.toFile().list()).containsExactly("a.txt");
  }

  @Test
  void badPlacesAreNamedBeforeAnythingIsWritten() throws IOException {
    Path plain = Files.createFile(folder.resolve("plain"));

    assertReason(folder, "it is a folder; add a file name to the path");
    assertReason(Path.of(""), "the path has no file name");
    assertReason(folder.resolve("none").resolve("a"), "none does not exist; create it first");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFile.create(plain.resolve("a")));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFile.create(folder.resolve("x".repeat(300))));
    assertThat(folder.toFile().list()).containsExactly("plain");
  }

  private static void assertReason(Path place, String expected) {
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> AtomicFile.create(place))
        .satisfies(e -> assertThat(FileErrors.reason(e)).endsWith(expected));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aLinkStaysAndItsFileIsReplaced() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Path file = Files.writeString(real.resolve("a.txt"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("second"));
    Files.createSymbolicLink(folder.resolve("second"), Path.of("real/a.txt"));

    write(link, "new");

    assertThat(link).isSymbolicLink();
    assertThat(file).hasContent("new");
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(real.toFile().list()).containsExactly("a.txt");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aLinkToNothingMakesTheFileThere() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("target"));

    write(link, "new");

    assertThat(link).isSymbolicLink();
    assertThat(folder.resolve("target")).hasContent("new");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void circlesOfLinksAreNamed() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("link"));

    assertReason(link, "symbolic links");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDeviceBehindALinkIsWrittenAndNotReplaced() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("null"), Path.of("/dev/null"));

    write(link, "new");

    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
    assertThat(link).isSymbolicLink();
    assertThat(folder.toFile().list()).containsExactly("null");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aNamedPipeGetsTheContent() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try {
      Future<String> read = reader.submit(() -> Files.readString(pipe));
      write(pipe, "through");

      assertThat(read.get()).isEqualTo("through");
    } finally {
      reader.shutdownNow();
    }
    assertThat(folder.toFile().list()).containsExactly("pipe");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void standardOutputIsWrittenAlsoWhereItIsAFile() throws Exception {
    Path out = Files.writeString(folder.resolve("out"), "before ");
    Path link = Files.createSymbolicLink(folder.resolve("stdout"), Path.of("/dev/stdout"));
    Object before = Files.getAttribute(out, "unix:ino");

    Process child =
        java(Child.class, "write", link.toString())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
            .start();

    assertThat(child.waitFor()).isZero();
    assertThat(out).hasContent("before from the child");
    assertThat(Files.getAttribute(out, "unix:ino")).isEqualTo(before);
    assertThat(link).isSymbolicLink();
    assertThat(Path.of("/dev/stdout")).isSymbolicLink();
  }

  @Test
  void whatAKilledProcessLeftIsDeletedByTheNextFileAndNotBefore() throws Exception {
    Process child = java(Child.class, "hold", folder.resolve("a.txt").toString()).start();
    BufferedReader said =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    assertThat(said.readLine()).isEqualTo("holding");
    write(folder.resolve("b.txt"), "while it lives");
    assertThat(folder.toFile().list()).hasSize(2);

    child.destroyForcibly().waitFor();
    write(folder.resolve("b.txt"), "after its death");

    assertThat(folder.toFile().list()).containsExactly("b.txt");
  }

  @Test
  void filesOfThisProcessDoNotDisturbEachOther() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> written = new ArrayList<>();
    try {
      for (int i = 0; i < 80; i++) {
        Path place = folder.resolve(i + ".txt");
        written.add(
            threads.submit(
                () -> {
                  write(place, place.toString());
                  return null;
                }));
      }
      for (Future<?> one : written) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(folder.toFile().list()).hasSize(80);
    for (int i = 0; i < 80; i++) {
      Path place = folder.resolve(i + ".txt");
      assertThat(place).hasContent(place.toString());
    }
  }

  @Test
  void anInterruptedThreadStillWrites() throws IOException {
    Path place = folder.resolve("a.txt");
    Thread.currentThread().interrupt();
    try (AtomicFile file = AtomicFile.create(place)) {
      assertThat(file.temporary().toFile().createNewFile()).isTrue();
      file.commit();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }

    assertThat(place).exists();
    assertThat(folder.toFile().list()).containsExactly("a.txt");
  }

  @Test
  void otherFileSystemsReplaceFilesToo() throws IOException {
    Path archive = folder.resolve("a.zip");
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      write(zip.getPath("/a.txt"), "old");
      write(zip.getPath("/a.txt"), "new");

      assertThat(Files.readString(zip.getPath("/a.txt"))).isEqualTo("new");
    }
  }

  @Test
  void aFolderAppearsWithAllItsFiles() throws IOException {
    Path place = Files.createDirectory(folder.resolve("frames"));
    try (AtomicFolder frames = AtomicFolder.create(place)) {
      Files.writeString(frames.temporary().resolve("1"), "one");
      Files.writeString(frames.temporary().resolve("2"), "two");
      assertThat(place).isEmptyDirectory();
      frames.commit();
    }

    assertThat(place.resolve("2")).hasContent("two");
    assertThat(folder.toFile().list()).containsExactly("frames");
  }

  @Test
  void aFolderThatIsNotCommittedLeavesNothing() throws IOException {
    try (AtomicFolder frames = AtomicFolder.create(folder.resolve("frames"))) {
      Files.writeString(frames.temporary().resolve("1"), "one");
    }

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFolderReplacesNothing() throws IOException {
    Path place = folder.resolve("frames");
    try (AtomicFolder frames = AtomicFolder.create(place)) {
      Files.createDirectories(place.resolve("in the way"));

      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(frames::commit)
          .withMessageContaining("the folder is not empty");
    }
    assertThat(place.resolve("in the way")).exists();
    assertThat(folder.toFile().list()).containsExactly("frames");
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> AtomicFolder.create(place))
        .withMessageContaining("the folder is not empty");
    Path file = Files.createFile(folder.resolve("file"));
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> AtomicFolder.create(file))
        .withMessageContaining("it is not a folder");
  }

  @Test
  void reasonsAreInWords() {
    assertThat(FileErrors.reason(new NoSuchFileException("/a"))).isEqualTo("there is no /a");
    assertThat(FileErrors.reason(new FileSystemException("/a", null, "Disk quota exceeded")))
        .isEqualTo("Disk quota exceeded");
    assertThat(FileErrors.reason(new IOException())).isEqualTo("IOException");
  }

  private static ProcessBuilder java(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** A process of its own. */
  static final class Child {
    public static void main(String[] arguments) throws IOException {
      try (AtomicFile file = AtomicFile.create(Path.of(arguments[1]))) {
        Files.writeString(file.temporary(), "from the child");
        if (arguments[0].equals("hold")) {
          System.out.println("holding");
          System.in.read(); // until it is killed
        }
        file.commit();
      }
    }
  }
}
