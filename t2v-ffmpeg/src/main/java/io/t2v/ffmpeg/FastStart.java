package io.t2v.ffmpeg;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Moves the index of an MP4 file in memory from the end to the front.
 *
 * <p>FFmpeg does this itself only for files, which it opens a second time, and announces it on the
 * error stream; its other way, room reserved in advance, needs the number of frames beforehand and
 * leaves a gap. The result is the same, byte for byte.
 */
final class FastStart {
  private static final int HEADER = 8;
  private static final Set<String> ON_THE_WAY = Set.of("trak", "mdia", "minf", "stbl");

  private FastStart() {}

  /**
   * Puts the {@code moov} box right after the first one, {@code ftyp}.
   *
   * @param file as FFmpeg's MP4 writer makes it, the index last
   * @return the same samples behind the index
   */
  static byte[] moveIndexToFront(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    int front = bytes.getInt(0);
    int start = find("moov", bytes, 0);
    int length = bytes.getInt(start);
    ByteBuffer moved = ByteBuffer.allocate(file.length);
    moved.put(file, 0, front);
    moved.put(file, start, length);
    moved.put(file, front, start - front);
    moved.put(file, start + length, file.length - start - length);
    shiftOffsets(moved, front + HEADER, front + length, length);
    return moved.array();
  }

  private static int find(String type, ByteBuffer bytes, int from) {
    int position = from;
    while (!type.equals(type(bytes, position))) {
      position = end(bytes, position);
    }
    return position;
  }

  /** Adds a distance to where the samples lie, in all tables of the boxes in a range. */
  private static void shiftOffsets(ByteBuffer bytes, int from, int to, int distance) {
    for (int box = from; box < to; box = end(bytes, box)) {
      String type = type(bytes, box);
      int table = box + HEADER + 8; // behind version, flags and the number of entries
      if (ON_THE_WAY.contains(type)) {
        shiftOffsets(bytes, box + HEADER, end(bytes, box), distance);
      } else if (type.equals("stco")) {
        // The table of 64-bit offsets, co64, is for files that no array could hold.
        for (int entry = table; entry < end(bytes, box); entry += Integer.BYTES) {
          bytes.putInt(entry, bytes.getInt(entry) + distance);
        }
      }
    }
  }

  private static String type(ByteBuffer bytes, int box) {
    byte[] name = new byte[4];
    bytes.get(box + 4, name);
    return new String(name, StandardCharsets.US_ASCII);
  }

  private static int end(ByteBuffer bytes, int box) {
    int length = bytes.getInt(box);
    if (length < HEADER || length > bytes.capacity() - box) {
      throw new IllegalArgumentException("not a complete MP4 file: box of length " + length);
    }
    return box + length;
  }
}
