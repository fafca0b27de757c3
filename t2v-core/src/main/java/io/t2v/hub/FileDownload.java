package io.t2v.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Downloads one file, and checks its digest. It resumes after a broken connection, and from what an
 * earlier download left. Used by one thread, for one file.
 */
final class FileDownload {
  private static final int BUFFER_BYTES = 1 << 20;

  private final HubClient client;
  private final RemoteFile file;
  private final ProgressReporter progress;
  private final Cancellation cancellation;
  private long position;
  private MessageDigest digest;

  /** The entity tag of the server that stores the file, which may be another than the hub's. */
  private @Nullable String tag;

  FileDownload(
      HubClient client, RemoteFile file, ProgressReporter progress, Cancellation cancellation) {
    this.client = client;
    this.file = file;
    this.progress = progress;
    this.cancellation = cancellation;
    this.digest = file.digest().start(file.size());
  }

  /**
   * Completes a file.
   *
   * @param partial which may hold the beginning already
   * @throws IOException if it cannot be written
   * @throws HubException if the hub does not send the file, or sends another one
   */
  void to(Path partial) throws IOException {
    progress.begin(file.path());
    try {
      writeTo(partial);
    } catch (ClosedByInterruptException e) {
      throw Cancellation.interrupted();
    }
    progress.end();
  }

  private void writeTo(Path partial) throws IOException {
    try (FileChannel channel =
        FileChannel.open(partial, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      boolean resumed = hashExisting(channel);
      requireSpace(partial);
      receive(channel);
      boolean intact = isIntact();
      if (!intact && resumed) {
        startOver(channel);
        receive(channel);
        intact = isIntact();
      }
      if (!intact) {
        startOver(channel);
        throw new HubException(
            file.path()
                + " arrived damaged from "
                + file.address()
                + ": its "
                + file.digest().algorithm()
                + " is not "
                + file.digest().hex()
                + ", which the hub says it is. Nothing of it is kept.");
      }
      if (file.size() > BUFFER_BYTES) {
        // A weight file that a power cut filled with zeros would look whole; a small one would not.
        channel.force(true);
      }
    }
  }

  /** Hashes what an earlier download left. */
  private boolean hashExisting(FileChannel channel) throws IOException {
    if (channel.size() > file.size()) {
      channel.truncate(0);
    }
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (channel.read(buffer) >= 0) {
      cancellation.check();
      accept(buffer.flip());
      buffer.clear();
    }
    return position > 0;
  }

  private void accept(ByteBuffer bytes) {
    position += bytes.remaining();
    progress.add(bytes.remaining());
    digest.update(bytes);
  }

  private boolean isIntact() {
    // Asked once: it resets the digest.
    return position == file.size() && file.digest().matches(digest.digest());
  }

  private void startOver(FileChannel channel) throws IOException {
    progress.subtract(position);
    position = 0;
    digest = file.digest().start(file.size());
    channel.truncate(0);
  }

  private void requireSpace(Path partial) throws IOException {
    long free = Files.getFileStore(partial).getUsableSpace();
    long needed = file.size() - position;
    if (free < needed) {
      throw new HubException(
          String.format(
              Locale.ROOT,
              "%s needs %.2f GB more, but %s has %.2f GB left: make room, or choose another cache.",
              file.path(),
              needed / 1e9,
              partial.getParent(),
              free / 1e9));
    }
  }

  private void receive(FileChannel channel) throws IOException {
    Backoff backoff = client.backoff(Backoff.DEFAULT_ATTEMPTS);
    while (position < file.size()) {
      long before = position;
      try {
        receiveOnce(channel);
      } catch (NetworkException e) {
        if (position - before >= client.minimumSpeed().bytes()) {
          // Less than that is no progress: a hub that sends a byte per connection would hold us
          // forever.
          backoff.reset();
        }
        backoff.sleepAfter(
            e.failure(),
            "Downloading "
                + file.path()
                + String.format(
                    Locale.ROOT, " (%,d of %,d bytes are here)", position, file.size()));
      }
    }
  }

  private void receiveOnce(FileChannel channel) throws IOException, NetworkException {
    try (HubResponse response = open()) {
      if (response.status() == 416 || (position > 0 && response.status() != 206)) {
        // The server has no such range, or has another content by now, or knows no ranges.
        startOver(channel);
      }
      if (response.status() == 416) {
        throw new NetworkException(new IOException("the server refuses the range"));
      }
      if (response.status() == 206) {
        requireRange(response);
      }
      tag = response.header("ETag").filter(text -> text.startsWith("\"")).orElse(null);
      Optional<ByteBuffer> next = next(response);
      while (next.isPresent()) {
        write(channel, next.get());
        next = next(response);
      }
    }
    if (position < file.size()) {
      throw new NetworkException(new IOException("the connection ended too early"));
    }
  }

  private HubResponse open() throws NetworkException {
    Map<String, String> headers = new HashMap<>();
    if (position > 0) {
      headers.put("Range", "bytes=" + position + "-");
      if (tag != null) {
        headers.put("If-Range", tag);
      }
    }
    try {
      return client.open(file.address(), headers, file.path());
    } catch (IOException e) {
      throw new NetworkException(e);
    }
  }

  private static Optional<ByteBuffer> next(HubResponse response) throws NetworkException {
    try {
      return response.body().next();
    } catch (IOException e) {
      throw new NetworkException(e);
    }
  }

  private void requireRange(HubResponse response) {
    String range = response.header("Content-Range").orElse("");
    if (!range.startsWith("bytes " + position + "-")) {
      throw new HubException(
          response.address().getHost()
              + " sent the range \""
              + range
              + "\" of "
              + file.path()
              + ", asked for was the one from byte "
              + position
              + ".");
    }
  }

  private void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    if (bytes.remaining() > file.size() - position) {
      startOver(channel);
      throw new HubException(
          file.path()
              + " is longer than the "
              + file.size()
              + " bytes that the hub says it has. Nothing of it is kept.");
    }
    ByteBuffer toWrite = bytes.duplicate();
    long at = position;
    while (toWrite.hasRemaining()) {
      at += channel.write(toWrite, at);
    }
    accept(bytes);
  }

  /** Tells errors of the network, which are retried, from those of the disk. */
  private static final class NetworkException extends Exception {
    private static final long serialVersionUID = 1L;

    private final IOException failure;

    NetworkException(IOException failure) {
      super(failure);
      this.failure = failure;
    }

    IOException failure() {
      return failure;
    }
  }
}
