package io.t2v.internal.io;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file that appears complete or not at all:
 *
 * <pre>{@code
 * try (AtomicFile file = AtomicFile.create(place)) {
 *   Files.writeString(file.temporary(), text);
 *   file.commit();
 * }
 * }</pre>
 *
 * <p>The content is written under another name in a hidden folder beside the place. {@link
 * #commit()} brings it onto the disk and moves it over a file that may be there already: a reader
 * finds the old file or the new one, both whole, also after a power failure. {@link #close()}
 * deletes what was not committed; what a killed process left is deleted when the next file is
 * created in the same folder.
 *
 * <p>Symbolic links are followed: the file that a link points to is replaced, the link stays. A
 * pipe, a device, or an open file such as {@code /dev/stdout} is never replaced: the content is
 * collected in the system's folder for temporary files and copied when it is complete.
 *
 * <p>All failures are {@link IOException}s whose {@link FileErrors#reason reason} says what is
 * wrong and, where there is one, the cure. For one thread at a time.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path file;
  private final OutputPath target;
  private final ScratchFolder scratch;

  private AtomicFile(Path file, OutputPath target, ScratchFolder scratch) {
    this.file = file;
    this.target = target;
    this.scratch = scratch;
  }

  /**
   * Checks that a file can be written, and prepares for writing it.
   *
   * @param file the place, in a folder that exists
   * @return the file, which the caller closes
   * @throws IOException if it is a folder, its name is too long or missing, its own folder does not
   *     exist, or nothing can be created there
   */
  public static AtomicFile create(Path file) throws IOException {
    Path name = file.getFileName();
    if (name == null || name.toString().isEmpty()) {
      throw new FileSystemException(file.toString(), null, "the path has no file name");
    }
    OutputPath target = OutputPath.of(file);
    if (!target.isStream()) {
      Path parent = requireParent(target.path());
      requireNoFolder(target.path());
      return new AtomicFile(file, target, scratchIn(parent, file));
    }
    if (!Files.isWritable(target.path())) {
      throw new AccessDeniedException(file.toString());
    }
    return new AtomicFile(
        file, target, ScratchFolder.in(Path.of(System.getProperty("java.io.tmpdir"))));
  }

  private static void requireNoFolder(Path file) throws IOException {
    try {
      if (Files.readAttributes(file, BasicFileAttributes.class).isDirectory()) {
        throw new FileSystemException(
            file.toString(), null, "it is a folder; add a file name to the path");
      }
    } catch (NoSuchFileException e) {
      // To be created. Other errors, such as a name that is too long, are the caller's.
    }
  }

  /** Returns the existing folder of a file or folder to come. */
  static Path requireParent(Path place) throws IOException {
    Path parent = place.toAbsolutePath().getParent();
    if (parent == null) {
      throw new FileSystemException(place.toString(), null, "the path has no file name");
    }
    if (!Files.isDirectory(parent)) {
      throw new FileSystemException(
          place.toString(),
          null,
          "the folder "
              + parent
              + (Files.exists(parent) ? " is a file" : " does not exist; create it first"));
    }
    return parent;
  }

  /** Makes a scratch folder for a file or folder to come. */
  static ScratchFolder scratchIn(Path parent, Path place) throws IOException {
    try {
      return ScratchFolder.in(parent);
    } catch (IOException | UnsupportedOperationException e) {
      FileSystemException failure =
          new FileSystemException(
              place.toString(),
              null,
              "no file can be made in " + parent + ": " + FileErrors.reason(e));
      failure.initCause(e);
      throw failure;
    }
  }

  /**
   * Returns where to write the content.
   *
   * @return a path at which nothing is yet, always the same one
   */
  public Path temporary() {
    return temporary("content");
  }

  /**
   * Returns where to write a further file, which is deleted with the others unless it is committed.
   *
   * @param name tells it from the others
   * @return a path in the same folder as {@link #temporary()}
   */
  public Path temporary(String name) {
    return scratch.resolve(name);
  }

  /**
   * Makes {@link #temporary()} the file.
   *
   * @throws IOException if it cannot be moved to its place; what was there is unchanged then
   */
  public void commit() throws IOException {
    commit(temporary());
  }

  /**
   * Makes one of the temporary files the file.
   *
   * @param complete its path
   * @throws IOException if it cannot be moved to its place; what was there is unchanged then
   */
  public void commit(Path complete) throws IOException {
    if (target.isStream()) {
      // Appended, so that an open file that already has content, as behind >>, keeps it.
      try (OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(
                  target.path(), StandardOpenOption.WRITE, StandardOpenOption.APPEND))) {
        Files.copy(complete, out);
      }
    } else {
      publish(complete, target.path());
    }
  }

  /**
   * Makes one of the temporary files the file, and replaces nothing: where a file has appeared
   * meanwhile, this one gets the first {@linkplain #numbered numbered name} that is free.
   *
   * @param complete its path
   * @return where it is
   * @throws IOException if it cannot be put there
   */
  public Path commitWithoutReplacing(Path complete) throws IOException {
    if (target.isStream()) {
      commit(complete);
      return file;
    }
    force(complete);
    for (int i = 0; ; i++) {
      Path place = numbered(target.path(), i);
      try {
        putWithoutReplacing(complete, place);
      } catch (FileAlreadyExistsException e) {
        continue;
      }
      forceFolder(place);
      return i == 0 ? file : place;
    }
  }

  /** A link is made in one step or not at all; a move looks first and moves then. */
  private static void putWithoutReplacing(Path complete, Path place) throws IOException {
    try {
      Files.createLink(place, complete);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      Files.move(complete, place); // a file system without links
    }
  }

  /**
   * Returns one of the names that a file gets where others have its own: out.mp4, out-1.mp4,
   * out-2.mp4.
   *
   * @param number 0 for its own
   */
  static Path numbered(Path file, int number) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    int end = dot > 0 ? dot : name.length();
    return number == 0
        ? file
        : file.resolveSibling(name.substring(0, end) + "-" + number + name.substring(end));
  }

  /**
   * Moves a complete file to its place in the same file system, in one step, after all of it has
   * reached the disk.
   *
   * @param complete not open for writing
   * @param place need not exist; a file there is replaced
   * @throws IOException if it cannot be moved; what was there is unchanged then
   */
  public static void publish(Path complete, Path place) throws IOException {
    force(complete);
    move(complete, place);
  }

  static void move(Path complete, Path place) throws IOException {
    try {
      Files.move(
          complete, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(complete, place, StandardCopyOption.REPLACE_EXISTING);
    }
    forceFolder(place);
  }

  /** Waits until a file's content is on the disk. */
  static void force(Path file) throws IOException {
    if (file.getFileSystem() == FileSystems.getDefault()) {
      // Not a FileChannel, which an interrupted thread cannot use.
      try (FileOutputStream opened = new FileOutputStream(file.toFile(), /* append= */ true)) {
        opened.getFD().sync();
      }
    }
  }

  /** The new name is part of the folder's content. Windows does not open folders, and need not. */
  private static void forceFolder(Path place) {
    Path folder = place.toAbsolutePath().getParent();
    if (folder == null || folder.getFileSystem() != FileSystems.getDefault()) {
      return;
    }
    try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
      opened.force(true);
    } catch (IOException e) {
      System.getLogger(AtomicFile.class.getName())
          .log(System.Logger.Level.DEBUG, "could not sync " + folder, e);
    }
  }

  /** Deletes everything that was not committed. */
  @Override
  public void close() {
    scratch.close();
  }
}
