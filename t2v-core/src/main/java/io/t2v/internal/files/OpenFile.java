package io.t2v.internal.files;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A file of weights that stays open, so that it can be read even after it was deleted, or replaced
 * by another one of its name. What was written into it since its header was read is an error, never
 * a weight.
 *
 * <p>The channel is an asynchronous one because a plain {@code FileChannel} is closed for all
 * threads when one of them is interrupted while it reads. Reads are done by the calling thread.
 *
 * <p>Safe for use by many threads.
 */
final class OpenFile implements AutoCloseable {
  /** The most that is read by one call: a buffer has no more than 2³¹ - 1 bytes. */
  private static final int CHUNK_BYTES = 64 << 20;

  private final FileIdentity identity;
  private final AsynchronousFileChannel channel;
  private int owners = 1;

  private OpenFile(FileIdentity identity, AsynchronousFileChannel channel) {
    this.identity = identity;
    this.channel = channel;
  }

  /**
   * Opens a file whose header was read.
   *
   * @throws CheckpointException if it was changed since, or cannot be opened
   */
  static OpenFile open(FileIdentity identity) {
    identity.requireSame();
    OpenFile file;
    try {
      file =
          new OpenFile(
              identity,
              AsynchronousFileChannel.open(
                  identity.path(),
                  Set.of(StandardOpenOption.READ),
                  MoreExecutors.newDirectExecutorService()));
    } catch (IOException e) {
      throw new CheckpointException("Could not open " + identity.path() + ": " + e + ".", e);
    }
    try {
      // What was checked may have been replaced before it was opened.
      identity.requireSame();
      return file;
    } catch (CheckpointException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Gives the file another owner, so that it stays open until this one has closed it as well.
   *
   * @return this
   */
  synchronized OpenFile share() {
    checkState(owners > 0, "%s is closed", identity.path());
    owners++;
    return this;
  }

  /**
   * Reads a stretch of the file into native memory.
   *
   * @param offset of the first byte in the file
   * @param target address of at least as many bytes as are read
   * @param bytes how many to read
   * @throws CheckpointException if the file was changed, ends before, or cannot be read
   */
  void read(long offset, Pointer target, long bytes) {
    BytePointer window = new BytePointer(target);
    for (long done = 0; done < bytes; ) {
      long end = Math.min(bytes, done + CHUNK_BYTES);
      int read = read(window.position(done).limit(end).asByteBuffer(), offset + done);
      if (read < 0) {
        throw identity.changed();
      }
      done += read;
    }
    identity.requireNotRewritten();
  }

  private int read(ByteBuffer buffer, long position) {
    try {
      return requireNonNull(Futures.getDone(channel.read(buffer, position)));
    } catch (ExecutionException e) {
      throw new CheckpointException(
          "Could not read " + identity.path() + ": " + e.getCause() + ".", e.getCause());
    }
  }

  @Override
  public synchronized void close() {
    if (--owners > 0) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
