package io.t2v.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings one file's content into a temporary file, checked by its digest.
 *
 * <p>After a broken connection it goes on where it stopped; after a failed download, the next one
 * does. Used by one thread, for one file.
 */
final class Transfer {
  private static final int BUFFER_BYTES = 1 << 20;

  private final HubHttp http;
  private final RemoteFile file;
  private final DownloadCount count;
  private final Cancellation cancellation;
  private long position;
  private MessageDigest digest;

  /** Tag of the content that the server names, which may be another than the hub's. */
  private @Nullable String tag;

  Transfer(HubHttp http, RemoteFile file, DownloadCount count, Cancellation cancellation) {
    this.http = http;
    this.file = file;
    this.count = count;
    this.cancellation = cancellation;
    this.digest = file.digest().start(file.size());
  }

  /**
   * Fills a temporary file.
   *
   * @param temporary which may hold the beginning already
   * @throws IOException if it cannot be written
   * @throws HubException if the hub does not give the file, or gives another one
   */
  void into(Path temporary) throws IOException {
    count.begin(file.path());
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      boolean resumed = takeUp(channel);
      requireRoom(temporary);
      receive(channel);
      boolean right = isRight();
      if (!right && resumed) {
        startOver(channel);
        receive(channel);
        right = isRight();
      }
      if (!right) {
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
    count.end();
  }

  /** Hashes what an earlier download left. */
  private boolean takeUp(FileChannel channel) throws IOException {
    if (channel.size() > file.size()) {
      channel.truncate(0);
    }
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (channel.read(buffer) >= 0) {
      cancellation.check();
      take(buffer.flip());
      buffer.clear();
    }
    return position > 0;
  }

  private void take(ByteBuffer bytes) {
    position += bytes.remaining();
    count.add(bytes.remaining());
    digest.update(bytes);
  }

  private boolean isRight() {
    // Asked once: hashing ends with the answer.
    return position == file.size() && file.digest().matches(digest.digest());
  }

  private void startOver(FileChannel channel) throws IOException {
    count.takeBack(position);
    position = 0;
    digest = file.digest().start(file.size());
    channel.truncate(0);
  }

  private void requireRoom(Path temporary) throws IOException {
    long free = Files.getFileStore(temporary).getUsableSpace();
    long needed = file.size() - position;
    if (free < needed) {
      throw new HubException(
          "%s needs %.2f GB more, but %s has %.2f GB left: make room, or choose another cache."
              .formatted(file.path(), needed / 1e9, temporary.getParent(), free / 1e9));
    }
  }

  private void receive(FileChannel channel) throws IOException {
    Retries retries = http.retries(Retries.USUAL);
    while (position < file.size()) {
      long before = position;
      try {
        receiveOnce(channel);
      } catch (TransferException e) {
        if (position > before) {
          retries.progressed();
        }
        retries.after(
            e.failure(),
            "Downloading "
                + file.path()
                + " (%,d of %,d bytes are here)".formatted(position, file.size()));
      }
    }
  }

  private void receiveOnce(FileChannel channel) throws IOException, TransferException {
    try (Answer answer = open()) {
      if (answer.status() == 416 || (position > 0 && answer.status() != 206)) {
        // The server has no such range, or has another content by now, or knows no ranges.
        startOver(channel);
      }
      if (answer.status() == 416) {
        throw new TransferException(new IOException("the server refuses the range"));
      }
      if (answer.status() == 206) {
        requireRange(answer);
      }
      tag = answer.header("ETag").filter(text -> text.startsWith("\"")).orElse(null);
      Optional<ByteBuffer> next = next(answer);
      while (next.isPresent()) {
        write(channel, next.get());
        next = next(answer);
      }
    }
    if (position < file.size()) {
      throw new TransferException(new IOException("the connection ended too early"));
    }
  }

  private Answer open() throws TransferException {
    Map<String, String> headers = new HashMap<>();
    if (position > 0) {
      headers.put("Range", "bytes=" + position + "-");
      if (tag != null) {
        headers.put("If-Range", tag);
      }
    }
    try {
      return http.open(file.address(), headers, file.path());
    } catch (IOException e) {
      throw new TransferException(e);
    }
  }

  private static Optional<ByteBuffer> next(Answer answer) throws TransferException {
    try {
      return answer.body().next();
    } catch (IOException e) {
      throw new TransferException(e);
    }
  }

  private void requireRange(Answer answer) {
    String range = answer.header("Content-Range").orElse("");
    if (!range.startsWith("bytes " + position + "-")) {
      throw new HubException(
          answer.address().getHost()
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
    take(bytes);
  }

  /** Keeps failures of the network, which may pass, apart from those of the disk. */
  private static final class TransferException extends Exception {
    private static final long serialVersionUID = 1L;

    private final IOException failure;

    TransferException(IOException failure) {
      super(failure);
      this.failure = failure;
    }

    IOException failure() {
      return failure;
    }
  }
}
