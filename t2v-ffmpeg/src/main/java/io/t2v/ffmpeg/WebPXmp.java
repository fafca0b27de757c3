package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * Puts XMP into WebP files: a chunk at the end, announced in the extended header, which files with
 * a single picture do not have yet.
 */
final class WebPXmp {
  private static final int FILE_HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int EXTENDED_LENGTH = 10;
  private static final int HAS_XMP = 0x04;
  private static final int HAS_ALPHA = 0x10;
  private static final int FOURTEEN_BITS = 0x3fff;

  private WebPXmp() {}

  static FileEdit edit(ByteSource written, Optional<XmpPacket> xmp) throws IOException {
    if (xmp.isEmpty()) {
      return FileEdit.none(written, xmp);
    }
    byte[] text = chunk("XMP ", xmp.get().bytes());
    boolean extended = type(written).equals("VP8X");
    byte[] header = chunk("VP8X", extended ? oldExtension(written) : newExtension(written));
    int kept = FILE_HEADER + (extended ? header.length : 0);
    long length = written.size() - kept + FILE_HEADER + header.length + text.length - CHUNK_HEADER;
    byte[] start =
        little(FILE_HEADER)
            .put("RIFF".getBytes(US_ASCII))
            .putInt((int) length)
            .put("WEBP".getBytes(US_ASCII))
            .array();
    return new FileEdit(
        List.of(
            FileEdit.bytes(start),
            FileEdit.bytes(header),
            FileEdit.range(kept, written.size()),
            FileEdit.bytes(text)));
  }

  private static String type(ByteSource written) throws IOException {
    return new String(written.read(FILE_HEADER, 4), US_ASCII);
  }

  private static byte[] oldExtension(ByteSource written) throws IOException {
    byte[] content = written.read(FILE_HEADER + CHUNK_HEADER, EXTENDED_LENGTH);
    content[0] |= HAS_XMP;
    return content;
  }

  /** Flags, and one less than width and height in 24 bits, which the picture's own header has. */
  private static byte[] newExtension(ByteSource written) throws IOException {
    ByteBuffer picture =
        ByteBuffer.wrap(written.read(FILE_HEADER + CHUNK_HEADER, EXTENDED_LENGTH))
            .order(ByteOrder.LITTLE_ENDIAN);
    int flags = HAS_XMP;
    int width;
    int height;
    if (type(written).equals("VP8L")) {
      int bits = picture.getInt(1); // behind a signature: 14 bits, 14 bits, alpha
      width = bits & FOURTEEN_BITS;
      height = bits >> 14 & FOURTEEN_BITS;
      flags |= (bits >> 28 & 1) * HAS_ALPHA;
    } else {
      width = (picture.getShort(6) & FOURTEEN_BITS) - 1; // behind a tag and a start code
      height = (picture.getShort(8) & FOURTEEN_BITS) - 1;
    }
    return little(EXTENDED_LENGTH)
        .putInt(flags)
        .putShort((short) width)
        .put((byte) (width >> 16))
        .putShort((short) height)
        .put((byte) (height >> 16))
        .array();
  }

  private static byte[] chunk(String type, byte[] content) {
    int padded = content.length + (content.length & 1);
    return little(CHUNK_HEADER + padded)
        .put(type.getBytes(US_ASCII))
        .putInt(content.length)
        .put(content)
        .array();
  }

  private static ByteBuffer little(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
