package io.t2v.ffmpeg;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Moves the index of an MP4 or QuickTime file from the end to the front.
 *
 * <p>FFmpeg does this itself only for files, which it opens a second time, and announces it on the
 * error stream; its other way, room reserved in advance, needs the number of frames beforehand and
 * leaves a gap. The result is the same, byte for byte.
 */
final class FastStart {
  private static final int HEADER = 8;
  private static final Set<String> ON_THE_WAY = Set.of("trak", "mdia", "minf", "stbl");

  /** The box in which Adobe's specification puts XMP, behind everything else. */
  private static final byte[] XMP_BOX = HexFormat.of().parseHex("be7acfcb97a942e89c71999491e3afac");

  private FastStart() {}

  /** A box on the top level of a file. */
  private record Box(String type, long start, long end) {}

  /** Puts the {@code moov} box right after the first one, {@code ftyp}, and XMP at the end. */
  static FileEdit edit(ByteSource written, Optional<XmpPacket> xmp) throws IOException {
    Box first = box(written, 0);
    Box index = first;
    while (!index.type().equals("moov")) {
      index = box(written, index.end());
    }
    int length = Math.toIntExact(index.end() - index.start());
    ByteBuffer moov = ByteBuffer.wrap(written.read(index.start(), length));
    shiftOffsets(moov, HEADER, length, length);
    List<FileEdit.Piece> pieces = new ArrayList<>();
    pieces.add(FileEdit.range(0, first.end()));
    pieces.add(FileEdit.bytes(moov.array()));
    pieces.add(FileEdit.range(first.end(), index.start()));
    pieces.add(FileEdit.range(index.end(), written.size()));
    xmp.ifPresent(packet -> pieces.add(FileEdit.bytes(xmpBox(packet.bytes()))));
    return new FileEdit(pieces);
  }

  private static Box box(ByteSource file, long start) throws IOException {
    ByteBuffer header = ByteBuffer.wrap(file.read(start, HEADER));
    long length = Integer.toUnsignedLong(header.getInt());
    String type = StandardCharsets.US_ASCII.decode(header).toString();
    if (length == 1) { // a length of 64 bits follows
      length = ByteBuffer.wrap(file.read(start + HEADER, Long.BYTES)).getLong();
    }
    if (length < HEADER || length > file.size() - start) {
      throw new IOException("not a complete MP4 file: box " + type + " of length " + length);
    }
    return new Box(type, start, start + length);
  }

  private static byte[] xmpBox(byte[] xmp) {
    int length = HEADER + XMP_BOX.length + xmp.length;
    return ByteBuffer.allocate(length)
        .putInt(length)
        .put("uuid".getBytes(StandardCharsets.US_ASCII))
        .put(XMP_BOX)
        .put(xmp)
        .array();
  }

  /** Adds a distance to where the samples lie, in all tables of the boxes in a range. */
  private static void shiftOffsets(ByteBuffer bytes, int from, int to, int distance)
      throws IOException {
    for (int box = from; box < to; box = end(bytes, box)) {
      String type = type(bytes, box);
      int table = box + HEADER + 8; // behind version, flags and the number of entries
      if (ON_THE_WAY.contains(type)) {
        shiftOffsets(bytes, box + HEADER, end(bytes, box), distance);
      } else if (type.equals("stco")) {
        for (int entry = table; entry < end(bytes, box); entry += Integer.BYTES) {
          long offset = Integer.toUnsignedLong(bytes.getInt(entry)) + distance;
          if (offset >>> Integer.SIZE != 0) {
            throw new IOException("the file is just larger than its index can address, 4 GiB");
          }
          bytes.putInt(entry, (int) offset);
        }
      } else if (type.equals("co64")) {
        for (int entry = table; entry < end(bytes, box); entry += Long.BYTES) {
          bytes.putLong(entry, bytes.getLong(entry) + distance);
        }
      }
    }
  }

  private static String type(ByteBuffer bytes, int box) {
    byte[] name = new byte[4];
    bytes.get(box + 4, name);
    return new String(name, StandardCharsets.US_ASCII);
  }

  private static int end(ByteBuffer bytes, int box) throws IOException {
    int length = bytes.getInt(box);
    if (length < HEADER || length > bytes.capacity() - box) {
      throw new IOException("not a complete MP4 file: box of length " + length);
    }
    return box + length;
  }
}
