package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads the orientation that EXIF gives in PNG, WebP and TIFF files, which FFmpeg's decoders do not
 * apply; they do so for JPEG.
 *
 * <p>Sources: PNG, third edition, section 11.3.2.8 (eXIf); WebP Container Specification (EXIF);
 * TIFF 6.0, section 2, and its tag 274.
 */
final class ExifOrientation {
  private static final int TAG = 274;
  private static final int SHORT_TYPE = 3;
  private static final int ENTRY_BYTES = 12;
  private static final int HEADER_BYTES = 8;
  private static final int PNG_SIGNATURE_BYTES = 8;
  private static final int RIFF_HEADER_BYTES = 12;

  private ExifOrientation() {}

  /** Returns the orientation of a picture; nothing if it has none, or none that makes sense. */
  static Optional<Orientation> read(Path file) throws IOException {
    try (ByteSource bytes = ByteSource.open(file)) {
      String start = text(bytes.read(0, RIFF_HEADER_BYTES));
      if (start.startsWith("\u0089PNG")) {
        return inPng(bytes);
      }
      if (start.startsWith("RIFF") && start.endsWith("WEBP")) {
        return inWebp(bytes);
      }
      if (start.startsWith("II*\0") || start.startsWith("MM\0*")) {
        return inTiff(bytes, 0, bytes.size());
      }
      return Optional.empty();
    } catch (EOFException e) {
      return Optional.empty(); // the decoder says what is wrong with such a file
    }
  }

  private static Optional<Orientation> inPng(ByteSource bytes) throws IOException {
    long at = PNG_SIGNATURE_BYTES;
    while (at + HEADER_BYTES <= bytes.size()) {
      ByteBuffer header = ByteBuffer.wrap(bytes.read(at, HEADER_BYTES));
      long length = Integer.toUnsignedLong(header.getInt());
      if (text(header.array()).endsWith("eXIf")) {
        return inTiff(bytes, at + HEADER_BYTES, length);
      }
      at += HEADER_BYTES + length + Integer.BYTES; // a checksum follows
    }
    return Optional.empty();
  }

  private static Optional<Orientation> inWebp(ByteSource bytes) throws IOException {
    long at = RIFF_HEADER_BYTES;
    while (at + HEADER_BYTES <= bytes.size()) {
      ByteBuffer header = ByteBuffer.wrap(bytes.read(at, HEADER_BYTES));
      long length =
          Integer.toUnsignedLong(header.order(ByteOrder.LITTLE_ENDIAN).getInt(Integer.BYTES));
      if (text(header.array()).startsWith("EXIF")) {
        // Some programs put JPEG's prefix in front.
        boolean hasPrefix = length > 6 && text(bytes.read(at + HEADER_BYTES, 4)).equals("Exif");
        int prefix = hasPrefix ? 6 : 0;
        return inTiff(bytes, at + HEADER_BYTES + prefix, length - prefix);
      }
      at += HEADER_BYTES + length + (length & 1);
    }
    return Optional.empty();
  }

  /** EXIF is a TIFF file whose first directory describes the picture. */
  private static Optional<Orientation> inTiff(ByteSource bytes, long start, long length)
      throws IOException {
    if (length < HEADER_BYTES) {
      return Optional.empty();
    }
    byte[] header = bytes.read(start, HEADER_BYTES);
    ByteOrder order = header[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    long directory = start + Integer.toUnsignedLong(ByteBuffer.wrap(header).order(order).getInt(4));
    int entries =
        Short.toUnsignedInt(ByteBuffer.wrap(bytes.read(directory, 2)).order(order).getShort());
    ByteBuffer all = ByteBuffer.wrap(bytes.read(directory + 2, entries * ENTRY_BYTES)).order(order);
    for (int i = 0; i < entries; i++) {
      int tag = Short.toUnsignedInt(all.getShort(i * ENTRY_BYTES));
      if (tag == TAG && all.getShort(i * ENTRY_BYTES + 2) == SHORT_TYPE) {
        return Orientation.ofExif(Short.toUnsignedInt(all.getShort(i * ENTRY_BYTES + 8)));
      }
    }
    return Optional.empty();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }
}
