package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The bytes of pickles, one after the other. Used by one thread.
 *
 * <p>No pickle may be longer than {@value #MAX_BYTES} bytes: those of the largest models take less
 * than 1 MB, and the limit keeps a hostile file from the heap.
 */
final class PickleInput {
  static final int MAX_BYTES = 16 << 20;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MAX_LINE_BYTES = 256;

  private final Path path;
  private final FileChannel channel;
  private final long end;
  private long bufferStart;
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private long pickleEnd;

  PickleInput(Path path, FileChannel channel, FileRange range) {
    this.path = path;
    this.channel = channel;
    this.bufferStart = range.offset();
    this.end = range.offset() + range.bytes();
    startPickle();
  }

  /** Reads the same file from another place on. */
  PickleInput from(long position) {
    return new PickleInput(path, channel, new FileRange(position, end - position));
  }

  /** Begins to count a new pickle's bytes. */
  void startPickle() {
    pickleEnd = position() + MAX_BYTES;
  }

  /** Where the next byte lies in the file. */
  long position() {
    return bufferStart + buffer.position();
  }

  int unsignedByte() throws IOException {
    return take(1).get() & 0xff;
  }

  int unsignedShort() throws IOException {
    return take(Short.BYTES).getShort() & 0xffff;
  }

  int integer() throws IOException {
    return take(Integer.BYTES).getInt();
  }

  long longInteger() throws IOException {
    return take(Long.BYTES).getLong();
  }

  /** Pickles hold these the other way round than integers. */
  double floatingPoint() throws IOException {
    return Double.longBitsToDouble(Long.reverseBytes(longInteger()));
  }

  /** Reads a length that was written as an unsigned integer of 4 bytes. */
  long unsignedInteger() throws IOException {
    return Integer.toUnsignedLong(integer());
  }

  byte[] bytes(long count) throws IOException {
    if (count < 0 || count > MAX_BYTES) {
      throw damaged("it has a string of " + Long.toUnsignedString(count) + " bytes");
    }
    byte[] bytes = new byte[(int) Math.min(count, Math.max(0, end - position()))];
    for (int done = 0; done < bytes.length; ) {
      int part = Math.min(bytes.length - done, BUFFER_BYTES);
      take(part).get(bytes, done, part);
      done += part;
    }
    if (bytes.length < count) {
      throw cutOff();
    }
    return bytes;
  }

  String text(long bytes) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(bytes))).toString();
    } catch (CharacterCodingException e) {
      throw damaged("it has a string before byte " + position() + " that is no UTF-8");
    }
  }

  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = unsignedByte(); next != '\n'; next = unsignedByte()) {
      if (line.length() == MAX_LINE_BYTES) {
        throw damaged("it has a name of more than " + MAX_LINE_BYTES + " bytes");
      }
      line.append((char) next);
    }
    return line.toString();
  }

  /** Returns a buffer that has at least this many bytes left; few enough for the buffer. */
  private ByteBuffer take(int bytes) throws IOException {
    if (position() + bytes > pickleEnd) {
      throw damaged("it has a pickle of more than the " + MAX_BYTES + " bytes that are accepted");
    }
    if (buffer.remaining() < bytes) {
      long position = position();
      if (end - position < bytes) {
        throw cutOff();
      }
      buffer = FileBytes.read(channel, position, (int) Math.min(BUFFER_BYTES, end - position));
      bufferStart = position;
    }
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  private CheckpointException cutOff() {
    return damaged("it ends within a pickle. If it was downloaded, it may have been cut off");
  }

  CheckpointException damaged(String why) {
    return new CheckpointException(path + " is no intact PyTorch file: " + why + ".");
  }

  /** For contents that this library refuses, however intact the file is. */
  CheckpointException refused(String what) {
    return new CheckpointException(
        path
            + " "
            + what
            + ". This library takes nothing but a state dict (names and tensors) from PyTorch"
            + " files, and executes nothing in them. Save the weights alone: torch.save("
            + "model.state_dict(), path), or as safetensors.");
  }
}
