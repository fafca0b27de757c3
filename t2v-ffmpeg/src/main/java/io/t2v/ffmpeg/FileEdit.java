package io.t2v.ffmpeg;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * A finished file as a list of pieces: parts of what FFmpeg wrote, and bytes to insert. Nothing is
 * changed in place, so files of any size need no more memory than their index.
 *
 * @param pieces in the order of the finished file
 */
record FileEdit(List<Piece> pieces) {
  /** A part of the finished file. */
  sealed interface Piece {
    long size();

    void write(ByteSource written, OutputStream to) throws IOException;
  }

  /** Bytes to insert. */
  private static final class Inserted implements Piece {
    private final byte[] bytes;

    Inserted(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void write(ByteSource written, OutputStream to) throws IOException {
      to.write(bytes);
    }
  }

  /** A part of what FFmpeg wrote. */
  private record Kept(long from, long size) implements Piece {
    @Override
    public void write(ByteSource written, OutputStream to) throws IOException {
      written.copy(from, size, to);
    }
  }

  /** Plans the edit of a file that FFmpeg has finished. */
  interface Maker {
    /**
     * Plans.
     *
     * @param written the whole file as FFmpeg wrote it
     * @param xmp to put into it, if any
     */
    FileEdit edit(ByteSource written, Optional<XmpPacket> xmp) throws IOException;
  }

  static Piece bytes(byte[] bytes) {
    return new Inserted(bytes);
  }

  static Piece range(long from, long to) {
    return new Kept(from, to - from);
  }

  /** Leaves a file as it is. */
  static FileEdit none(ByteSource written, Optional<XmpPacket> xmp) {
    return new FileEdit(List.of());
  }

  /** Puts bytes into a file. */
  static FileEdit insert(ByteSource written, long position, byte[] bytes) {
    return new FileEdit(List.of(range(0, position), bytes(bytes), range(position, written.size())));
  }

  boolean changesNothing() {
    return pieces.isEmpty();
  }

  /** Returns the size of the finished file. */
  long size(ByteSource written) {
    return changesNothing() ? written.size() : pieces.stream().mapToLong(Piece::size).sum();
  }

  void write(ByteSource written, OutputStream to) throws IOException {
    if (changesNothing()) {
      written.copy(0, written.size(), to);
    }
    for (Piece piece : pieces) {
      piece.write(written, to);
    }
  }
}
