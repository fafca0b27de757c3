package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * Puts XMP into GIF files, as an application extension before the end. The packet is stored as it
 * is, not in GIF's blocks of up to 255 bytes. Behind it come 258 bytes that count down: a reader
 * that takes the text for blocks, whose first byte is a length, lands in them and skips to the end.
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
