package io.t2v.ffmpeg;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Bytes that can be read from any place, in memory or in a file. */
interface ByteSource extends AutoCloseable {
  long size();

  /**
   * Reads a few bytes.
   *
   * @throws EOFException if there are fewer
   */
  byte[] read(long position, int length) throws IOException;

  /** Copies any number of bytes. */
  void copy(long position, long length, OutputStream to) throws IOException;

  @Override
  void close() throws IOException;

  static ByteSource of(byte[] bytes) {
    return new InMemory(bytes);
  }

  static ByteSource open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    return new InFile(channel, channel.size());
  }

  /** An array. */
  record InMemory(byte[] bytes) implements ByteSource {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public byte[] read(long position, int length) throws IOException {
      if (position < 0 || length < 0 || position > bytes.length - length) {
        throw new EOFException("no " + length + " bytes at " + position);
      }
      byte[] part = new byte[length];
      System.arraycopy(bytes, (int) position, part, 0, length);
      return part;
    }

    @Override
    public void copy(long position, long length, OutputStream to) throws IOException {
      to.write(bytes, (int) position, (int) length);
    }

    @Override
    public void close() {}
  }

  /** A file. */
  record InFile(FileChannel channel, long size) implements ByteSource {
    @Override
    public byte[] read(long position, int length) throws IOException {
      if (position < 0 || length < 0 || position > size - length) {
        throw new EOFException("no " + length + " bytes at " + position);
      }
      ByteBuffer part = ByteBuffer.allocate(length);
      while (part.hasRemaining()) {
        if (channel.read(part, position + part.position()) < 0) {
          throw new EOFException("the file became shorter");
        }
      }
      return part.array();
    }

    @Override
    public void copy(long position, long length, OutputStream to) throws IOException {
      WritableByteChannel target = Channels.newChannel(to);
      long done = 0;
      while (done < length) {
        long copied = channel.transferTo(position + done, length - done, target);
        if (copied <= 0) {
          throw new EOFException("the file became shorter");
        }
        done += copied;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
