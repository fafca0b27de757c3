package io.t2v.ffmpeg;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * A file that is complete or not there: it is written under another name in the same folder and
 * moved to its own when it is done. Closing it before that removes what was written.
 */
final class AtomicFile implements AutoCloseable {
  private final Path file;
  private final Path temporary;

  /**
   * Makes the temporary file, so that a folder that is missing or closed shows before any work.
   *
   * @param file the final place
   * @throws VideoWriteException if nothing can be written there
   */
  AtomicFile(Path file) throws VideoWriteException {
    this.file = file;
    Path name = file.getFileName();
    Path folder = file.toAbsolutePath().getParent();
    if (name == null || name.toString().isEmpty() || folder == null) {
      throw new VideoWriteException("cannot write to '" + file + "': the path has no file name");
    }
    if (Files.isDirectory(file)) {
      throw new VideoWriteException(
          "cannot write " + file + ": it is a folder; add a file name to the path");
    }
    if (!Files.isDirectory(folder)) {
      throw new VideoWriteException(
          "cannot write "
              + file
              + ": the folder "
              + folder
              + (Files.exists(folder) ? " is a file" : " does not exist; create it first"));
    }
    // Not Files.createTempFile: that makes files which only their owner may read, and the finished
    // one would stay so. The name is short, so that a long file name does not become too long.
    this.temporary = folder.resolve(".t2v-" + UUID.randomUUID() + ".tmp");
    try {
      Files.createFile(temporary);
    } catch (IOException | ReadOnlyFileSystemException e) {
      throw new VideoWriteException(
          "cannot write " + file + ": no file can be made in " + folder + ": " + reason(e), e);
    }
  }

  /** Returns where to write, an empty file. */
  Path temporary() {
    return temporary;
  }

  /** Gives the file its name, in place of one that may be there. */
  void commit() throws VideoWriteException {
    try {
      try {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new VideoWriteException("cannot write " + file + ": " + reason(e), e);
    }
  }

  /** Says what the file system said; its exceptions often carry nothing but the path. */
  static String reason(Exception e) {
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    String name = e.getClass().getSimpleName();
    return e.getMessage() != null ? name + ": " + e.getMessage() : name;
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The file is in place, or another exception is on its way that says more.
      System.getLogger(AtomicFile.class.getName())
          .log(System.Logger.Level.WARNING, "could not remove " + temporary, e);
    }
  }
}
