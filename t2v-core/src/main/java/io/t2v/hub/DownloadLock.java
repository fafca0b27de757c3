package io.t2v.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps two downloads of this library, in one JVM or in several, from bringing the same file twice.
 *
 * <p>It saves bandwidth, and nothing depends on it: Python's locks are of another kind on some
 * systems, and some file systems have none. Each download writes a temporary file of its own, which
 * then takes its place in one move.
 */
final class DownloadLock implements AutoCloseable {
  private final @Nullable FileChannel channel;
  private final boolean held;

  private DownloadLock(@Nullable FileChannel channel, boolean held) {
    this.channel = channel;
    this.held = held;
  }

  /**
   * Waits for the lock.
   *
   * @param file to be locked; made if it does not exist, and never deleted
   * @throws IOException if its folder cannot be made
   */
  static DownloadLock acquire(Path file, Cancellation cancellation) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      // The channel stays open meanwhile: POSIX gives up a process's locks with any of its
      // channels.
      while (!tryLock(channel)) {
        cancellation.pause(Cancellation.SLICE);
      }
      return new DownloadLock(channel, true);
    } catch (IOException e) {
      channel.close();
      return new DownloadLock(null, false);
    } catch (RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      @Nullable FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // Another thread of this JVM has it.
      return false;
    }
  }

  /** Whether nobody else downloads now: leftovers belong to nobody then. */
  boolean isHeld() {
    return held;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
