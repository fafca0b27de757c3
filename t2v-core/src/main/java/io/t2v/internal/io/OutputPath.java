package io.t2v.internal.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where bytes that are written to a path end up.
 *
 * @param path the file itself, behind all symbolic links; for a stream the path as it was given
 * @param isStream whether it can only be written to, never replaced: a pipe, a device, or an open
 *     file of a process, such as {@code /dev/stdout}
 */
record OutputPath(Path path, boolean isStream) {
  private static final int MAX_LINKS = 40;

  /**
   * Follows symbolic links, so that writing replaces the file that a link points to and keeps the
   * link.
   *
   * @param file need not exist
   * @throws IOException if links form a circle or cannot be read
   */
  static OutputPath of(Path file) throws IOException {
    Path path = file;
    for (int i = 0; i < MAX_LINKS; i++) {
      if (isDescriptor(path)) {
        return new OutputPath(file, true);
      }
      if (!Files.isSymbolicLink(path)) {
        boolean isStream =
            Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
        return new OutputPath(isStream ? file : path, isStream);
      }
      path = path.resolveSibling(Files.readSymbolicLink(path));
    }
    throw new FileSystemException(
        file.toString(), null, "it leads through more than " + MAX_LINKS + " symbolic links");
  }

  /** Returns whether a path names an open file of a process, even if that is a regular file. */
  private static boolean isDescriptor(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null || path.getFileSystem() != FileSystems.getDefault()) {
      return false;
    }
    try {
      Path folder = parent.toRealPath();
      return folder.equals(Path.of("/dev/fd"))
          || (folder.startsWith("/proc") && folder.endsWith("fd"));
    } catch (IOException e) {
      return false; // no such folder: whoever writes there says so
    }
  }
}
