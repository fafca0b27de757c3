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
 * Keeps two downloads, in one JVM or in several, from downloading the same file twice.
 *
 * <p>It saves bandwidth, and correctness does not depend on it: Python's locks are of another kind
 * on some systems, and some file systems have none. Each download writes to a {@link PartialFile}
 * of its own, which is then moved to its place.
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
        cancellation.sleep(Cancellation.POLL_INTERVAL);
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

  /** Whether no other download runs, so that partial files belong to nobody. */
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
