package io.t2v.internal.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A hidden folder for unfinished files, beside the place where they will go, so that a move
 * completes them. It is deleted when it is closed.
 *
 * <p>A process that is killed cannot delete its folders. Therefore each folder holds a file that is
 * locked for as long as the folder is in use; the operating system releases the lock when the
 * process ends, however it ends. Whoever makes a new folder first deletes those whose lock is free.
 *
 * <p>The lock is on a file of its own because POSIX releases a process's locks on a file as soon as
 * the process closes <em>any</em> descriptor of it, and native libraries open and close the
 * unfinished files. For the same reason a process never opens the lock files of its own folders a
 * second time; it knows them by the process in their name.
 */
final class ScratchFolder implements AutoCloseable {
  private static final String PREFIX = ".t2v-";
  private static final String SUFFIX = ".tmp";
  private static final String LOCK = "lock";

  private final Path folder;
  private final @Nullable FileChannel lock;

  private ScratchFolder(Path folder, @Nullable FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Makes a folder, and deletes those that killed processes left.
   *
   * @param parent an existing folder
   */
  static ScratchFolder in(Path parent) throws IOException {
    boolean isLocal = parent.getFileSystem() == FileSystems.getDefault();
    if (isLocal) {
      deleteOrphans(parent);
    }
    while (true) {
      Path folder = Files.createDirectory(parent.resolve(ownPrefix() + UUID.randomUUID() + SUFFIX));
      if (!isLocal) {
        return new ScratchFolder(folder, null); // within this process: nobody else sees it
      }
      FileChannel lock = lock(folder);
      if (lock != null) {
        return new ScratchFolder(folder, lock);
      }
      // Another process took the folder for an orphan before it was locked, and deletes it.
    }
  }

  /** The start of the names of this process's folders; process numbers alone are used again. */
  private static String ownPrefix() {
    ProcessHandle process = ProcessHandle.current();
    long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return PREFIX + process.pid() + "-" + start + "-";
  }

  /** Returns an open and locked file, or null if another process deletes the folder. */
  private static @Nullable FileChannel lock(Path folder) throws IOException {
    Path file = folder.resolve(LOCK);
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      return null;
    }
    boolean isOurs;
    try {
      isOurs = channel.tryLock() != null && Files.exists(file);
    } catch (IOException e) {
      isOurs = true; // a file system without locks: then nobody can take this one either
    }
    if (isOurs) {
      return channel;
    }
    channel.close();
    return null;
  }

  private static void deleteOrphans(Path parent) {
    String own = ownPrefix();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, PREFIX + "*" + SUFFIX)) {
      for (Path folder : found) {
        boolean isOwn = String.valueOf(folder.getFileName()).startsWith(own);
        if (!isOwn && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
          deleteIfOrphan(folder);
        }
      }
    } catch (IOException | DirectoryIteratorException | UncheckedIOException e) {
      System.getLogger(ScratchFolder.class.getName())
          .log(System.Logger.Level.DEBUG, "could not clean up in " + parent, e);
    }
  }

  private static void deleteIfOrphan(Path folder) throws IOException {
    Path file = folder.resolve(LOCK);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        return; // in use
      }
      // Still locked: its owner, if it is about to lock it, must find it gone afterwards.
      deleteContent(folder);
    } catch (NoSuchFileException e) {
      // Just made, or nearly deleted: empty in both cases, and its owner copes with the loss.
    } catch (OverlappingFileLockException e) {
      return;
    }
    Files.deleteIfExists(folder);
  }

  /** Returns the path of a file or folder in this one. */
  Path resolve(String name) {
    return folder.resolve(name);
  }

  private static void deleteContent(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      deepestFirst =
          files.filter(file -> !file.equals(folder)).sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public void close() {
    try (FileChannel held = lock) { // released when it is deleted
      deleteContent(folder);
    } catch (IOException | UncheckedIOException e) {
      warn(e);
    }
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      warn(e);
    }
  }

  /** Whoever closes this has a result or an exception that says more. */
  private void warn(Exception e) {
    System.getLogger(ScratchFolder.class.getName())
        .log(System.Logger.Level.WARNING, "could not delete " + folder, e);
  }
}
