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
  private final Path folder;
  private final Path place;
  private final ScratchFolder scratch;
  private final Path temporary;

  private AtomicFolder(Path folder, Path place, ScratchFolder scratch, Path temporary) {
    this.folder = folder;
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
      return new AtomicFolder(
          folder, place, scratch, Files.createDirectory(scratch.resolve("content")));
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
    forceContent();
    requireFree(place);
    moveTo(place);
  }

  /**
   * Moves the folder to its place; where something has appeared there meanwhile, to the first
   * numbered name that is free, such as frames-1.
   *
   * @return where it is
   * @throws IOException if it cannot be moved there
   */
  public Path commitWithoutReplacing() throws IOException {
    forceContent();
    for (int i = 0; ; i++) {
      Path free = AtomicFile.numbered(place, i);
      if (isFree(free)) {
        moveTo(free);
        return i == 0 ? folder : free;
      }
    }
  }

  private static boolean isFree(Path folder) throws IOException {
    try {
      requireFree(folder);
      return true;
    } catch (FileSystemException e) {
      if (Files.exists(folder)) {
        return false;
      }
      throw e;
    }
  }

  private void forceContent() throws IOException {
    List<Path> content;
    try (Stream<Path> files = Files.list(temporary)) {
      content = files.toList();
    }
    for (Path file : content) {
      AtomicFile.force(file);
    }
  }

  private void moveTo(Path free) throws IOException {
    Files.deleteIfExists(free); // an empty folder, which not every system replaces
    AtomicFile.move(temporary, free);
  }

  /** Deletes everything that was not committed. */
  @Override
  public void close() {
    scratch.close();
  }
}
