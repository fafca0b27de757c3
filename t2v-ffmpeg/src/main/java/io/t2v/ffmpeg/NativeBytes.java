package io.t2v.ffmpeg;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import org.bytedeco.javacpp.BytePointer;

/**
 * Native memory that somebody else owns, as a source of bytes. Files of any size pass through it
 * without a copy on the Java heap.
 */
record NativeBytes(BytePointer data, long size) implements ByteSource {
  private static final int BUFFER = 1 << 16;

  @Override
  public byte[] read(long position, int length) throws IOException {
    if (position < 0 || length < 0 || position > size - length) {
      throw new EOFException("no " + length + " bytes at " + position);
    }
    byte[] part = new byte[length];
    at(position).get(part);
    return part;
  }

  @Override
  public void copy(long position, long length, OutputStream to) throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER, length)];
    for (long done = 0; done < length; done += buffer.length) {
      int part = (int) Math.min(buffer.length, length - done);
      at(position + done).get(buffer, 0, part);
      to.write(buffer, 0, part);
    }
  }

  /** A view: the same pointer at another place. */
  private BytePointer at(long position) {
    return data.position(position);
  }

  @Override
  public void close() {}
}
