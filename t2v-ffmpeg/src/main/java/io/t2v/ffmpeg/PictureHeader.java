package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Says why a picture is refused, where FFmpeg only says that it found none. */
final class PictureHeader {
  private static final int WEBP_BYTES = 30;
  private static final int FLAGS = 20;
  private static final int ANIMATED = 2;

  private PictureHeader() {}

  /** Returns what is wrong with a file that could not be opened; nothing if it is not known. */
  static Optional<FfmpegException> refusal(Path file) throws IOException {
    Optional<byte[]> webp = webp(file);
    if (webp.filter(PictureHeader::isAnimated).isPresent()) {
      return Optional.of(
          new FfmpegException(
              "it is an animated WebP, which these FFmpeg natives do not decode; convert it to GIF,"
                  + " APNG or MP4"));
    }
    return webp.map(PictureHeader::webpSize)
        .orElseGet(() -> size(file.toFile()))
        .filter(size -> (long) size.width() * size.height() > InputFile.MAX_PIXELS)
        .map(InputFile::tooLarge);
  }

  private static Optional<byte[]> webp(Path file) throws IOException {
    try (ByteSource bytes = ByteSource.open(file)) {
      if (bytes.size() < WEBP_BYTES) {
        return Optional.empty();
      }
      byte[] header = bytes.read(0, WEBP_BYTES);
      String text = new String(header, ISO_8859_1);
      return text.startsWith("RIFF") && text.startsWith("WEBPVP8", 8)
          ? Optional.of(header)
          : Optional.empty();
    }
  }

  private static boolean isAnimated(byte[] webp) {
    return webp[15] == 'X' && (webp[FLAGS] & ANIMATED) != 0;
  }

  /** The size of a WebP with extended, lossless or lossy coding. */
  private static Optional<PictureSize> webpSize(byte[] webp) {
    ByteBuffer header = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN);
    return switch (webp[15]) {
      case 'X' ->
          Optional.of(
              new PictureSize((header.getInt(24) & 0xffffff) + 1, (header.getInt(26) >>> 8) + 1));
      case 'L' ->
          Optional.of(
              new PictureSize(
                  (header.getInt(21) & 0x3fff) + 1, (header.getInt(21) >>> 14 & 0x3fff) + 1));
      case ' ' ->
          Optional.of(new PictureSize(header.getShort(26) & 0x3fff, header.getShort(28) & 0x3fff));
      default -> Optional.empty();
    };
  }

  /** Reads the size from the header alone, with the JDK's readers. */
  private static Optional<PictureSize> size(File file) {
    try (ImageInputStream input = ImageIO.createImageInputStream(file)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        return Optional.empty();
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(input);
        return Optional.of(new PictureSize(reader.getWidth(0), reader.getHeight(0)));
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // it is not even a header
    }
  }
}
