package io.t2v.ffmpeg;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The outermost element of Matroska and WebM files, which says how many bytes it has. Source: RFC
 * 8794, sections 4 to 6.
 */
final class MatroskaSegment {
  private static final long HEADER = 0x1A45DFA3L;
  private static final long SEGMENT = 0x18538067L;
  private static final int ID_BYTES = 4;

  private MatroskaSegment() {}

  /** Tells whether the file has all bytes of its segment; false if the segment does not say. */
  static boolean isWhole(Path file) throws IOException {
    try (ByteSource bytes = ByteSource.open(file)) {
      long segment = end(bytes, 0, HEADER);
      return end(bytes, segment, SEGMENT) <= bytes.size();
    } catch (EOFException e) {
      return false;
    }
  }

  /** Returns where an element ends. */
  private static long end(ByteSource bytes, long position, long id) throws IOException {
    if (number(bytes.read(position, ID_BYTES)) != id) {
      throw new EOFException("no element " + Long.toHexString(id));
    }
    long start = position + ID_BYTES;
    int first = bytes.read(start, 1)[0] & 0xff;
    int length = Integer.numberOfLeadingZeros(first) - 24 + 1;
    if (length > Long.BYTES) {
      throw new EOFException("no length");
    }
    long mask = (1L << (7 * length)) - 1;
    long size = number(bytes.read(start, length)) & mask;
    if (size == mask) {
      throw new EOFException("unknown length");
    }
    return start + length + size;
  }

  private static long number(byte[] bigEndian) {
    long number = 0;
    for (byte digit : bigEndian) {
      number = (number << 8) | (digit & 0xff);
    }
    return number;
  }
}
