package io.t2v.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Files that are being downloaded: beside their place, under names that no other download has. If a
 * download fails its file stays, and the next one takes it over.
 */
final class TemporaryFile {
  private static final String MARK = ".t2v-";
  private static final String ENDING = ".incomplete";

  private TemporaryFile() {}

  /**
   * Makes a temporary file, or takes over the longest that was left.
   *
   * @param place where the file will be; its folder is made if need be
   * @param alone whether no other download can be writing: leftovers are taken over only then
   */
  static Path open(Path place, boolean alone) throws IOException {
    Path folder = place.resolveSibling("");
    String name = String.valueOf(place.getFileName());
    Files.createDirectories(folder);
    Path own = folder.resolve(name + MARK + UUID.randomUUID() + ENDING);
    if (alone) {
      List<Path> left = leftovers(folder, name);
      Path longest = null;
      long most = 0;
      for (Path path : left) {
        long size = Files.size(path);
        if (size > most) {
          most = size;
          longest = path;
        }
      }
      for (Path path : left) {
        if (path.equals(longest)) {
          Files.move(path, own, StandardCopyOption.ATOMIC_MOVE);
        } else {
          Files.deleteIfExists(path);
        }
      }
      if (longest != null) {
        return own;
      }
    }
    return Files.createFile(own);
  }

  private static List<Path> leftovers(Path folder, String name) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              file -> {
                String found = String.valueOf(file.getFileName());
                return found.startsWith(name + MARK) && found.endsWith(ENDING);
              })
          .toList();
    }
  }

  /** Whether a file of a cache is such a temporary one, of this library's or of Python's. */
  static boolean isOne(String path) {
    return path.endsWith(ENDING);
  }

  /** Puts a complete file in its place, in one move. */
  static void publish(Path temporary, Path place) throws IOException {
    try {
      Files.move(
          temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // Windows does not replace a file that is in use: another download made it then.
      if (!Files.exists(place) || Files.size(place) != Files.size(temporary)) {
        throw e;
      }
      Files.delete(temporary);
    }
  }

  /** Deletes an empty file after a failure: there is nothing in it to go on with. */
  static void deleteIfEmpty(Path temporary) throws IOException {
    try {
      if (Files.size(temporary) == 0) {
        Files.delete(temporary);
      }
    } catch (NoSuchFileException e) {
      // It was published.
    }
  }
}
