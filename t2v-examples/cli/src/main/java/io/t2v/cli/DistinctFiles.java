package io.t2v.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tells whether paths lead to one file, whatever they are called and whether it is there yet. */
final class DistinctFiles {
  private static final int MAX_LINKS = 40;

  private DistinctFiles() {}

  /** Refuses outputs of which one would replace another. */
  static void require(List<Path> outputs) {
    Map<Path, Path> names = new HashMap<>();
    for (Path output : outputs) {
      Path other = names.putIfAbsent(real(output), output);
      if (other != null) {
        throw new FailureException(
            other.equals(output)
                ? output + " is the name of two outputs: give each its own."
                : "%s and %s are the same file: give each output its own."
                    .formatted(other, output));
      }
    }
  }

  /** Whether two paths lead to one file. */
  static boolean same(Path one, Path other) {
    return real(one).equals(real(other));
  }

  /** The path behind all links, of which the last one may lead to a file that is not there yet. */
  private static Path real(Path file) {
    try {
      Path target = file.toAbsolutePath();
      for (int i = 0; i < MAX_LINKS && Files.isSymbolicLink(target); i++) {
        target = target.resolveSibling(Files.readSymbolicLink(target));
      }
      Path folder = target.getParent();
      return folder == null || Files.exists(target)
          ? target.toRealPath()
          : folder.toRealPath().resolve(target.getFileName());
    } catch (IOException e) {
      return file.toAbsolutePath().normalize(); // no such folder: whoever writes there says so
    }
  }
}
