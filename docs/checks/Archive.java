import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Checks that the archive of the command line runs where it is unpacked, with a Java runtime and
 * nothing else: by its launcher script, which is found through a link in another folder, as one in
 * {@code ~/bin} is, and in a path with a space. Linux and macOS.
 *
 * <pre>
 * mvn -q -DskipTests -Parchive package
 * java docs/checks/Archive.java t2v-examples/cli/target/t2v-cli-*.zip
 * </pre>
 */
public final class Archive {
  private Archive() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 1) {
      throw new IllegalArgumentException(
          "expected one archive, not " + List.of(arguments) + ": build it with -Parchive, once");
    }
    Path folder = Files.createTempDirectory("t2v archive ");
    try {
      Path program = unpack(Path.of(arguments[0]), folder.resolve("unpacked"));
      Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
      Path link = Files.createSymbolicLink(elsewhere.resolve("t2v"), program.resolve("bin/t2v"));
      run(elsewhere, link.toString(), "generate", "a red circle moving right", "--seed", "1",
          "--steps", "2", "-o", "circle.mp4");
      run(elsewhere, link.toString(), "inspect", "circle.mp4");
      long size = Files.size(elsewhere.resolve("circle.mp4"));
      System.out.println("The archive's launcher made a video of " + size + " bytes.");
    } finally {
      deleteAll(folder);
    }
  }

  /** The one folder of the archive, with the permissions that its files have there. */
  private static Path unpack(Path archive, Path to) throws IOException {
    try (FileSystem zip =
            FileSystems.newFileSystem(archive, Map.of("enablePosixFileAttributes", "true"));
        Stream<Path> files = Files.walk(zip.getPath("/"))) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(file.toString().substring(1));
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
          Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(file));
        }
      }
    }
    try (Stream<Path> folders = Files.list(to)) {
      List<Path> all = folders.toList();
      if (all.size() != 1) {
        throw new IllegalStateException("the archive should hold one folder, not " + all);
      }
      return all.get(0);
    }
  }

  /** Runs a command with this program's Java, and of the environment only what finds a shell. */
  private static void run(Path folder, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).inheritIO();
    String cache = builder.environment().getOrDefault("HOME", folder.toString());
    builder.environment().clear();
    builder.environment().putAll(
        Map.of("PATH", "/usr/bin:/bin", "HOME", cache, "JAVA_HOME", System.getProperty("java.home")));
    int code = builder.start().waitFor();
    if (code != 0) {
      throw new IllegalStateException(String.join(" ", command) + " ended with " + code);
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
