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
 * The file that a download writes to: beside its final place, under a name that no other download
 * has. It stays if the download fails, and the next one resumes it.
 */
final class PartialFile {
  private static final String INFIX = ".t2v-";
  private static final String ENDING = ".incomplete";

  private PartialFile() {}

  /**
   * Makes a partial file, or resumes the longest that was left.
   *
   * @param place where the file will be; its folder is made if need be
   * @param alone whether no other download runs: only then are leftovers resumed
   */
  static Path open(Path place, boolean alone) throws IOException {
    Path folder = place.resolveSibling("");
    String name = String.valueOf(place.getFileName());
    Files.createDirectories(folder);
    Path own = folder.resolve(name + INFIX + UUID.randomUUID() + ENDING);
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
                return found.startsWith(name + INFIX) && found.endsWith(ENDING);
              })
          .toList();
    }
  }

  /** Whether a file of a cache is a partial one, of this library or of Python's. */
  static boolean isPartial(String path) {
    return path.endsWith(ENDING);
  }

  /** Moves a complete file to its place, atomically. */
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

  /** Deletes a file that holds nothing to resume, after a failure. */
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
