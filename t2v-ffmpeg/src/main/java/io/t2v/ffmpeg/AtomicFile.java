package io.t2v.ffmpeg;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A file that is complete or not there: it is written under another name in the same folder and
 * moved to its own when it is done. Closing it before that removes what was written.
 */
final class AtomicFile implements AutoCloseable {
  private final Path file;
  private final Path folder;
  private final List<Path> temporaries = new ArrayList<>();

  /**
   * Makes the temporary file, so that a folder that is missing or closed shows before any work.
   *
   * @param file the final place
   * @throws VideoWriteException if nothing can be written there
   */
  AtomicFile(Path file) throws VideoWriteException {
    this.file = file;
    Path name = file.getFileName();
    Path parent = file.toAbsolutePath().getParent();
    if (name == null || name.toString().isEmpty() || parent == null) {
      throw new VideoWriteException("cannot write to '" + file + "': the path has no file name");
    }
    if (Files.isDirectory(file)) {
      throw new VideoWriteException(
          "cannot write " + file + ": it is a folder; add a file name to the path");
    }
    if (!Files.isDirectory(parent)) {
      throw new VideoWriteException(
          "cannot write "
              + file
              + ": the folder "
              + parent
              + (Files.exists(parent) ? " is a file" : " does not exist; create it first"));
    }
    folder = parent;
    another();
  }

  /** Returns where to write, an empty file. */
  Path temporary() {
    return temporaries.get(0);
  }

  /** Makes one more temporary file beside the first. */
  Path another() throws VideoWriteException {
    // Not Files.createTempFile: that makes files which only their owner may read, and the finished
    // one would stay so. The name is short, so that a long file name does not become too long.
    Path temporary = folder.resolve(".t2v-" + UUID.randomUUID() + ".tmp");
    try {
      temporaries.add(Files.createFile(temporary));
    } catch (IOException | ReadOnlyFileSystemException e) {
      throw new VideoWriteException(
          "cannot write " + file + ": no file can be made in " + folder + ": " + reason(e), e);
    }
    return temporary;
  }

  /** Gives the first temporary file its name, in place of one that may be there. */
  void commit() throws VideoWriteException {
    commit(temporary());
  }

  /** Gives one of the temporary files the final name. */
  void commit(Path temporary) throws VideoWriteException {
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
    for (Path temporary : temporaries) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        // The file is in place, or another exception is on its way that says more.
        System.getLogger(AtomicFile.class.getName())
            .log(System.Logger.Level.WARNING, "could not remove " + temporary, e);
      }
    }
  }
}
