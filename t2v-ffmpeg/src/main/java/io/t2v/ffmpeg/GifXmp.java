package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * Puts XMP into GIF files: an application extension before the end. XMP lies there as it is, not in
 * blocks of 255 bytes, and a descending row of bytes behind it leads whoever reads it as blocks to
 * the end of it, wherever in the text he begins.
 */
final class GifXmp {
  private GifXmp() {}

  static FileEdit edit(ByteSource written, Optional<XmpPacket> xmp) {
    return xmp.map(
            packet -> FileEdit.insert(written, written.size() - 1, extension(packet.bytes())))
        .orElseGet(() -> FileEdit.none(written, xmp));
  }

  private static byte[] extension(byte[] xmp) {
    ByteArrayOutputStream extension = new ByteArrayOutputStream();
    extension.write(0x21);
    extension.write(0xff);
    extension.write(11);
    extension.writeBytes("XMP DataXMP".getBytes(US_ASCII));
    extension.writeBytes(xmp);
    extension.write(1);
    for (int i = 0xff; i >= 0; i--) {
      extension.write(i);
    }
    extension.write(0);
    return extension.toByteArray();
  }
}
