package io.t2v.internal.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder of files that appears complete or not at all, with all that {@link AtomicFile} promises.
 * The files are written under another name beside the place; {@link #commit()} moves all of them
 * there in one step. For one thread at a time.
 */
public final class AtomicFolder implements AutoCloseable {
  private final Path place;
  private final ScratchFolder scratch;
  private final Path temporary;

  private AtomicFolder(Path place, ScratchFolder scratch, Path temporary) {
    this.place = place;
    this.scratch = scratch;
    this.temporary = temporary;
  }

  /**
   * Checks that a folder can be made, and prepares for filling it.
   *
   * @param folder the place: nothing, or an empty folder
   * @return the folder, which the caller closes
   * @throws IOException if something else is there, the folder above does not exist, or nothing can
   *     be created in that
   */
  public static AtomicFolder create(Path folder) throws IOException {
    Path place = OutputPath.of(folder).path();
    Path parent = AtomicFile.requireParent(place);
    requireFree(place);
    ScratchFolder scratch = AtomicFile.scratchIn(parent, folder);
    try {
      return new AtomicFolder(place, scratch, Files.createDirectory(scratch.resolve("content")));
    } catch (IOException | RuntimeException | Error e) {
      scratch.close();
      throw e;
    }
  }

  private static void requireFree(Path place) throws IOException {
    try {
      if (!Files.readAttributes(place, BasicFileAttributes.class).isDirectory()) {
        throw new FileSystemException(
            place.toString(), null, "it is not a folder; name one that does not exist yet");
      }
    } catch (NoSuchFileException e) {
      return; // to be created; other errors, such as a name that is too long, are the caller's
    }
    try (Stream<Path> content = Files.list(place)) {
      if (content.findAny().isPresent()) {
        throw new FileSystemException(
            place.toString(), null, "the folder is not empty; name one that does not exist yet");
      }
    }
  }

  /**
   * Returns the folder to fill.
   *
   * @return an existing folder, empty at first, for regular files only
   */
  public Path temporary() {
    return temporary;
  }

  /**
   * Moves the folder to its place.
   *
   * @throws IOException if it cannot be moved there, or files have appeared there meanwhile
   */
  public void commit() throws IOException {
    List<Path> content;
    try (Stream<Path> files = Files.list(temporary)) {
      content = files.toList();
    }
    for (Path file : content) {
      AtomicFile.force(file);
    }
    requireFree(place);
    Files.deleteIfExists(place); // an empty folder, which not every system replaces
    AtomicFile.move(temporary, place);
  }

  /** Deletes everything that was not committed. */
  @Override
  public void close() {
    scratch.close();
  }
}
