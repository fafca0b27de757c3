package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file as it was when its header was read: whoever reads its content later can tell whether it is
 * the same file, with the same content.
 *
 * @param path where it was found
 * @param size in bytes
 * @param modified when it was last written
 * @param key device and inode; null on file systems that have none
 */
record FileIdentity(Path path, long size, FileTime modified, @Nullable Object key) {
  /**
   * Looks at a file, following links. Pipes and devices are refused before anybody opens them.
   *
   * @throws CheckpointException if there is no such file, or it is not a regular one
   */
  static FileIdentity of(Path path) {
    try {
      FileIdentity found = read(path);
      if (found == null) {
        throw new CheckpointException(
            path + " is no regular file (a folder, a pipe or a device), expected weights.");
      }
      return found;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(
          Files.isSymbolicLink(path)
              ? path + " is a link to a file that does not exist."
              : "There is no file " + path + ".",
          e);
    } catch (IOException e) {
      throw new CheckpointException("Could not read " + path + ": " + e + ".", e);
    }
  }

  private static @Nullable FileIdentity read(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return attributes.isRegularFile()
        ? new FileIdentity(
            path, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey())
        : null;
  }

  /** Checks that the path still leads to this file, unchanged. */
  void requireSame() {
    if (!equals(now())) {
      throw changed();
    }
  }

  /**
   * Checks that nobody wrote into the file. It may have been deleted, or another one may have been
   * renamed to its path: whoever has it open still reads what was in it.
   */
  void requireNotRewritten() {
    FileIdentity now = now();
    boolean elsewhere = now == null || (key != null && !key.equals(now.key));
    if (!elsewhere && !equals(now)) {
      throw changed();
    }
  }

  private @Nullable FileIdentity now() {
    try {
      return read(path);
    } catch (IOException e) {
      return null;
    }
  }

  /** The error of a file that is not any more what it was. */
  CheckpointException changed() {
    FileIdentity now = now();
    return new CheckpointException(
        path
            + " was changed while it was in use: it had "
            + size
            + " bytes, last written at "
            + modified
            + ", and "
            + (now == null
                ? "is gone"
                : Objects.equals(now.key, key)
                    ? "has " + now.size + " bytes now, last written at " + now.modified
                    : "another file has its place")
            + ". Build the pipeline again. To replace a checkpoint while it is in use, write the"
            + " new files elsewhere and rename them to their place, or use another folder.");
  }
}
