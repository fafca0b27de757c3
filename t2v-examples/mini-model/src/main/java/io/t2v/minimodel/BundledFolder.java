package io.t2v.minimodel;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A folder of this artifact's resources, which is unpacked once, into the user's cache folder. An
 * index beside it, {@code NAME.files}, has the digest, the size and the name of each file.
 *
 * @param name of the folder
 */
record BundledFolder(String name) {
  /** A file of the folder. */
  private record Entry(String sha256, long size, String name) {
    static Entry parse(String line) {
      String[] fields = line.split(" ", 3);
      return new Entry(fields[0], Long.parseLong(fields[1]), fields[2]);
    }
  }

  /** Unpacks what is not there yet, or damaged. */
  Path path() {
    try {
      return unpack(cacheRoot(System.getenv(), System.getProperty("os.name", "")));
    } catch (IOException inCache) {
      try {
        return unpackTemporarily();
      } catch (IOException e) {
        e.addSuppressed(inCache);
        throw new UncheckedIOException("Could not unpack the bundled model: " + e.getMessage(), e);
      }
    }
  }

  /** The folder for what programs can make again, where this system has it. */
  static Path cacheRoot(Map<String, String> environment, String system) {
    String os = system.toLowerCase(Locale.ROOT);
    Path home = Path.of(System.getProperty("user.home", ""));
    if (os.contains("win")) {
      String local = environment.getOrDefault("LOCALAPPDATA", "");
      return (local.isEmpty() ? home.resolve("AppData").resolve("Local") : Path.of(local))
          .resolve("t2v")
          .resolve("cache");
    }
    if (os.contains("mac")) {
      return home.resolve("Library").resolve("Caches").resolve("t2v");
    }
    // The specification of XDG asks to ignore relative paths.
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    return (xdg.startsWith("/") ? Path.of(xdg) : home.resolve(".cache")).resolve("t2v");
  }

  /** Unpacks below a folder, under a name that changes with the content. */
  Path unpack(Path root) throws IOException {
    byte[] index = resource(index());
    Path folder = root.resolve("mini-" + name + "-" + sha256(index).substring(0, 16));
    for (Entry entry : entries(index)) {
      unpack(entry, folder.resolve(entry.name()));
    }
    return folder;
  }

  private Path unpackTemporarily() throws IOException {
    Path root = Files.createTempDirectory("t2v-");
    Path folder = unpack(root);
    // Deleted in reverse order: files are registered last.
    root.toFile().deleteOnExit();
    folder.toFile().deleteOnExit();
    List<Entry> entries = entries(resource(index()));
    for (Entry entry : entries) {
      Path parent = folder.resolve(entry.name()).getParent();
      if (parent != null) {
        parent.toFile().deleteOnExit();
      }
    }
    entries.forEach(entry -> folder.resolve(entry.name()).toFile().deleteOnExit());
    return folder;
  }

  /**
   * A file appears complete or not at all: whoever unpacks at the same time writes the same content
   * under another name, and the last one replaces what the first one made.
   */
  private void unpack(Entry entry, Path file) throws IOException {
    if (isIntact(entry, file)) {
      return;
    }
    Path parent = file.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path temporary = Files.createTempFile(parent, "." + file.getFileName(), ".part");
    try {
      Files.write(temporary, resource(name + "/" + entry.name()));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // Windows does not replace a file that is in use; another process made it then.
      if (!isIntact(entry, file)) {
        throw e;
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private String index() {
    return name + ".files";
  }

  private static boolean isIntact(Entry entry, Path file) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == entry.size()
        && sha256(Files.readAllBytes(file)).equals(entry.sha256());
  }

  private static List<Entry> entries(byte[] index) {
    return new String(index, StandardCharsets.UTF_8).lines().map(Entry::parse).toList();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = BundledFolder.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("the resource " + name + " is missing");
      }
      return in.readAllBytes();
    }
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
