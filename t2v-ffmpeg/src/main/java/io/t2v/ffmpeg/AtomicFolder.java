package io.t2v.ffmpeg;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A folder that is complete or not there: it is filled under another name beside its place. Closing
 * it before that removes what was written.
 */
final class AtomicFolder implements AutoCloseable {
  private final Path folder;
  private final Path temporary;

  /**
   * Makes the temporary folder.
   *
   * @param folder the final place, where nothing is, or an empty folder
   * @throws VideoWriteException if something is there, or nothing can be made there
   */
  AtomicFolder(Path folder) throws VideoWriteException {
    this.folder = folder;
    Path parent = folder.toAbsolutePath().getParent();
    if (parent == null || (Files.exists(folder) && !isEmptyFolder(folder))) {
      throw new VideoWriteException(
          "cannot write into "
              + folder
              + ": "
              + (Files.isDirectory(folder) ? "the folder is not empty" : "it is no folder")
              + "; name one that does not exist yet");
    }
    if (!Files.isDirectory(parent)) {
      throw new VideoWriteException(
          "cannot write into " + folder + ": there is no folder " + parent + "; create it first");
    }
    temporary = parent.resolve(".t2v-" + UUID.randomUUID() + ".tmp");
    try {
      Files.createDirectory(temporary);
    } catch (IOException e) {
      throw new VideoWriteException(
          "cannot write into "
              + folder
              + ": no folder can be made in "
              + parent
              + ": "
              + AtomicFile.reason(e),
          e);
    }
  }

  private static boolean isEmptyFolder(Path folder) {
    try (Stream<Path> content = Files.list(folder)) {
      return content.findAny().isEmpty();
    } catch (IOException e) {
      return false; // no folder, or a closed one
    }
  }

  Path temporary() {
    return temporary;
  }

  void commit() throws IOException {
    Files.deleteIfExists(folder); // an empty one
    Files.move(temporary, folder);
  }

  @Override
  public void close() {
    if (!Files.exists(temporary)) {
      return;
    }
    try (Stream<Path> files = Files.list(temporary)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(temporary);
    } catch (IOException e) {
      System.getLogger(AtomicFolder.class.getName())
          .log(System.Logger.Level.WARNING, "could not remove " + temporary, e);
    }
  }
}
