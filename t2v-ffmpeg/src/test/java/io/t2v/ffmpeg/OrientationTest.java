package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Video;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures and videos are shown the right way up, whatever way they were stored. */
class OrientationTest {
  private static final VideoReader READER = VideoReader.create();

  /** EXIF's number, and what is seen of stored rows ABC and DEF. */
  private static final List<String> SEEN =
      List.of(
          "ABC/DEF",
          "CBA/FED",
          "FED/CBA",
          "DEF/ABC",
          "AD/BE/CF",
          "DA/EB/FC",
          "FC/EB/DA",
          "CF/BE/AD");

  private static final String STORED = "ABC/DEF";
  private static final String LETTERS = "ABCDEF";
  private static final int[] COLOURS = {0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xff00ff, 0xffffff};

  @TempDir Path folder;

  /** Paints each letter as a square. */
  private static BufferedImage paint(int side) {
    BufferedImage image = new BufferedImage(3 * side, 2 * side, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        char letter = STORED.split("/")[y / side].charAt(x / side);
        image.setRGB(x, y, COLOURS[LETTERS.indexOf(letter)]);
      }
    }
    return image;
  }

  /** Reads squares as letters again. */
  private static String seen(Video video, int side) {
    StringBuilder text = new StringBuilder();
    BufferedImage image = video.image(0);
    for (int y = side / 2; y < video.height(); y += side) {
      text.append(text.isEmpty() ? "" : "/");
      for (int x = side / 2; x < video.width(); x += side) {
        text.append(LETTERS.charAt(nearest(image.getRGB(x, y))));
      }
    }
    return text.toString();
  }

  private static int nearest(int color) {
    int nearest = 0;
    for (int i = 0; i < COLOURS.length; i++) {
      nearest = distance(color, COLOURS[i]) < distance(color, COLOURS[nearest]) ? i : nearest;
    }
    return nearest;
  }

  private static int distance(int one, int other) {
    int sum = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      sum += Math.abs((one >> shift & 0xff) - (other >> shift & 0xff));
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1 0 0 1",
    "2, -1 0 0 1",
    "3, -1 0 0 -1",
    "4, 1 0 0 -1",
    "5, 0 1 1 0",
    "6, 0 1 -1 0",
    "7, 0 -1 -1 0",
    "8, 0 -1 1 0"
  })
  void displayMatricesOfVideosTurnAndMirror(int exif, String matrix) throws IOException {
    int side = 32;
    Video stored = Clips.paint(3 * side, 2 * side, 1, 8, (x, y, t) -> paint(side).getRGB(x, y));
    byte[] file = VideoWriter.mp4().toBytes(stored);
    // The matrix is 48 bytes after the type of the track's header: TrackHeaderBox, ISO 14496-12.
    ByteBuffer bytes = ByteBuffer.wrap(file);
    int at = new String(file, ISO_8859_1).indexOf("tkhd") + 4 + 40;
    String[] numbers = matrix.split(" ");
    bytes.putInt(at, Integer.parseInt(numbers[0]) << 16);
    bytes.putInt(at + 4, Integer.parseInt(numbers[1]) << 16);
    bytes.putInt(at + 12, Integer.parseInt(numbers[2]) << 16);
    bytes.putInt(at + 16, Integer.parseInt(numbers[3]) << 16);
    Path path = Files.write(folder.resolve("turned.mp4"), file);

    assertThat(seen(READER.read(path), side)).isEqualTo(SEEN.get(exif - 1));
    boolean swaps = exif > 4;
    assertThat(
            seen(
                READER
                    .withSize(swaps ? side : 3 * side / 2, swaps ? 3 * side / 2 : side, Fit.CROP)
                    .read(path),
                side / 2))
        .isEqualTo(SEEN.get(exif - 1));
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4", "5", "6", "7", "8"})
  void exifTurnsAndMirrorsPictures(int exif) throws IOException {
    int side = 16;
    Path png = Files.write(folder.resolve("a.png"), png(encode(paint(side), "png"), exif));
    Path jpeg = Files.write(folder.resolve("a.jpg"), jpeg(encode(paint(side), "jpg"), exif));
    Path webp = Files.write(folder.resolve("a.webp"), webp(side, exif));
    Path tiff = Files.write(folder.resolve("a.tiff"), tiff(paint(side), exif));

    for (Path picture : new Path[] {png, jpeg, webp, tiff}) {
      assertThat(seen(READER.read(picture), side)).as("%s", picture).isEqualTo(SEEN.get(exif - 1));
    }
  }

  /** The pictures' own properties {@code irot} and {@code imir}; made by pictures/make.sh. */
  @ParameterizedTest
  @CsvSource({"2, mirrored", "4, flipped", "8, turned"})
  void propertiesOfAvifTurnAndMirror(int exif, String name) throws IOException {
    Path avif = folder.resolve("a.avif");
    try (InputStream picture =
        OrientationTest.class.getResourceAsStream("/pictures/" + name + ".avif")) {
      Files.copy(picture, avif);
    }

    assertThat(seen(READER.read(avif), 64)).isEqualTo(SEEN.get(exif - 1));
  }

  @Test
  void damagedExifIsLeftOut() throws IOException {
    Path none = Files.write(folder.resolve("0.png"), png(encode(paint(16), "png"), 0));
    Path nine = Files.write(folder.resolve("9.png"), png(encode(paint(16), "png"), 9));

    assertThat(seen(READER.read(none), 16)).isEqualTo(STORED);
    assertThat(seen(READER.read(nine), 16)).isEqualTo(STORED);
  }

  @Test
  void otherAnglesAreRounded() {
    assertThat(Orientation.nearest(0.9, 0.1, -0.1, 0.9)).isEqualTo(Orientation.UPRIGHT);
    assertThat(Orientation.nearest(0.1, 2, -2, 0.1)).isEqualTo(Orientation.TURNED_RIGHT);
    assertThat(Orientation.nearest(0, 0, 0, 0)).isEqualTo(Orientation.UPRIGHT);
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, format, bytes);
    return bytes.toByteArray();
  }

  /** A directory with an orientation alone. */
  private static byte[] exif(int orientation, ByteOrder order) {
    ByteBuffer exif = ByteBuffer.allocate(26).order(order);
    exif.put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(ISO_8859_1));
    exif.putShort((short) 42).putInt(8).putShort((short) 1);
    exif.putShort((short) 274).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation).putShort((short) 0).putInt(0);
    return exif.array();
  }

  private static byte[] png(byte[] png, int orientation) {
    byte[] exif = exif(orientation, ByteOrder.BIG_ENDIAN);
    int header = 8 + 25;
    CRC32 checksum = new CRC32();
    checksum.update("eXIf".getBytes(ISO_8859_1));
    checksum.update(exif);
    return ByteBuffer.allocate(png.length + 12 + exif.length)
        .put(png, 0, header)
        .putInt(exif.length)
        .put("eXIf".getBytes(ISO_8859_1))
        .put(exif)
        .putInt((int) checksum.getValue())
        .put(png, header, png.length - header)
        .array();
  }

  private static byte[] jpeg(byte[] jpeg, int orientation) {
    byte[] exif = exif(orientation, ByteOrder.LITTLE_ENDIAN);
    return ByteBuffer.allocate(jpeg.length + 10 + exif.length)
        .put(jpeg, 0, 2)
        .putShort((short) 0xffe1)
        .putShort((short) (8 + exif.length))
        .put("Exif\0\0".getBytes(ISO_8859_1))
        .put(exif)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  /** The writer's still picture, in the extended format, with a chunk more. */
  private static byte[] webp(int side, int orientation) throws IOException {
    Video stored = Clips.paint(3 * side, 2 * side, 1, 8, (x, y, t) -> paint(side).getRGB(x, y));
    byte[] webp = VideoWriter.webp().withQuality(100).withoutSettings().toBytes(stored);
    String text = new String(webp, ISO_8859_1);
    int picture = text.indexOf("VP8L");
    int pictureBytes = 8 + ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN).getInt(picture + 4);
    pictureBytes += pictureBytes & 1;
    byte[] exif = exif(orientation, ByteOrder.LITTLE_ENDIAN);
    ByteBuffer file =
        ByteBuffer.allocate(12 + 18 + pictureBytes + 8 + exif.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(ISO_8859_1)).putInt(file.capacity() - 8);
    file.put("WEBPVP8X".getBytes(ISO_8859_1)).putInt(10).putInt(8); // has EXIF
    file.putShort((short) (3 * side - 1)).put((byte) 0).putShort((short) (2 * side - 1));
    file.put((byte) 0).put(webp, picture, pictureBytes);
    file.put("EXIF".getBytes(ISO_8859_1)).putInt(exif.length).put(exif);
    return file.array();
  }

  /** One strip, without compression. */
  private static byte[] tiff(BufferedImage image, int orientation) {
    int pixels = 3 * image.getWidth() * image.getHeight();
    int[][] entries = {
      {256, 3, 1, image.getWidth()},
      {257, 3, 1, image.getHeight()},
      {258, 3, 3, 8 + 2 + 10 * 12 + 4},
      {259, 3, 1, 1},
      {262, 3, 1, 2},
      {273, 4, 1, 8 + 2 + 10 * 12 + 4 + 6},
      {274, 3, 1, orientation},
      {277, 3, 1, 3},
      {278, 3, 1, image.getHeight()},
      {279, 4, 1, pixels}
    };
    ByteBuffer file =
        ByteBuffer.allocate(8 + 2 + 10 * 12 + 4 + 6 + pixels).order(ByteOrder.LITTLE_ENDIAN);
    file.put("II".getBytes(ISO_8859_1)).putShort((short) 42).putInt(8);
    file.putShort((short) entries.length);
    for (int[] entry : entries) {
      file.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]).putInt(entry[3]);
    }
    file.putInt(0).putShort((short) 8).putShort((short) 8).putShort((short) 8);
    for (int i = 0; i < pixels / 3; i++) {
      int color = image.getRGB(i % image.getWidth(), i / image.getWidth());
      file.put((byte) (color >> 16)).put((byte) (color >> 8)).put((byte) color);
    }
    return file.array();
  }
}
