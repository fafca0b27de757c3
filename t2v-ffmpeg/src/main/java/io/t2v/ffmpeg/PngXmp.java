package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Puts XMP into PNG and APNG files: a text chunk, not compressed, before the end. (Readers look for
 * the mark of an animation near the beginning.)
 */
final class PngXmp {
  private static final int LAST_CHUNK = 12; // IEND, which is empty

  private PngXmp() {}

  static FileEdit edit(ByteSource written, Optional<XmpPacket> xmp) {
    long end = written.size() - LAST_CHUNK;
    return xmp.map(packet -> FileEdit.insert(written, end, chunk(packet.bytes())))
        .orElseGet(() -> FileEdit.none(written, xmp));
  }

  private static byte[] chunk(byte[] xmp) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes("iTXt".getBytes(ISO_8859_1));
    content.writeBytes("XML:com.adobe.xmp".getBytes(ISO_8859_1));
    content.writeBytes(new byte[5]); // end of keyword; not compressed; no language; no translation
    content.writeBytes(xmp);
    CRC32 checksum = new CRC32();
    checksum.update(content.toByteArray());
    return ByteBuffer.allocate(content.size() + 8)
        .putInt(content.size() - 4)
        .put(content.toByteArray())
        .putInt((int) checksum.getValue())
        .array();
  }
}
