package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.Video;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused, and why; and pictures that are not. */
class RefusedFilesTest {
  private static final VideoReader READER = VideoReader.create();

  @TempDir Path folder;

  private static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY), "png", bytes);
    return bytes.toByteArray();
  }

  @Test
  void hugePicturesAreNamedWithTheirSize() throws IOException {
    Path file = Files.write(folder.resolve("huge.png"), png(9000, 9000));

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(file))
        .withMessageContaining("huge.png: its pictures are 9000×9000, 81 million pixels")
        .withMessageContaining("at most 67 million");
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(folder))
        .withMessageContaining("huge.png: its pictures are 9000×9000");
  }

  @Test
  void hugeWebpIsNamedWithItsSize() throws IOException {
    byte[] webp = VideoWriter.webp().withoutSettings().toBytes(Clips.flat(0x123456, 64, 64, 1));
    String text = new String(webp, StandardCharsets.ISO_8859_1);
    int extended = text.indexOf("VP8X");
    assertThat(extended).isEqualTo(-1);
    int lossy = text.indexOf("VP8 ");
    ByteBuffer.wrap(webp).putShort(lossy + 14, Short.reverseBytes((short) 9000));
    ByteBuffer.wrap(webp).putShort(lossy + 16, Short.reverseBytes((short) 8000));
    Path file = Files.write(folder.resolve("huge.webp"), webp);

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(file))
        .withMessageContaining("its pictures are 9000×8000, 72 million pixels");
  }

  @Test
  void animatedWebpIsNamed() throws IOException {
    Path file = folder.resolve("moving.webp");
    VideoWriter.webp().write(Clips.gradients(64, 64, 4, 8), file);

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(file))
        .withMessageContaining("it is an animated WebP")
        .withMessageContaining("convert it to GIF, APNG or MP4");
  }

  /** An ID3 tag with a picture, and MPEG audio after it. */
  @Test
  void soundWithACoverIsNoVideo() throws IOException {
    byte[] cover = png(16, 16);
    ByteBuffer frame = ByteBuffer.allocate(1 + 10 + 1 + 1 + cover.length);
    frame.put((byte) 0).put("image/png\0".getBytes(StandardCharsets.US_ASCII));
    frame.put((byte) 3).put((byte) 0).put(cover);
    int size = 10 + frame.capacity();
    int audioBytes = 417; // a frame of 128 kbit/s at 44.1 kHz
    ByteBuffer file = ByteBuffer.allocate(10 + size + 20 * audioBytes);
    file.put("ID3".getBytes(StandardCharsets.US_ASCII)).put(new byte[] {3, 0, 0});
    for (int shift = 21; shift >= 0; shift -= 7) {
      file.put((byte) (size >> shift & 0x7f));
    }
    file.put("APIC".getBytes(StandardCharsets.US_ASCII)).putInt(frame.capacity());
    file.putShort((short) 0).put(frame.array());
    while (file.hasRemaining()) {
      file.putInt(0xfffb9000).put(new byte[audioBytes - 4]);
    }
    Path song = Files.write(folder.resolve("song.mp3"), file.array());

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(song))
        .withMessageContaining("it is sound with a cover picture, there is no video in it");
  }

  /** Made by pictures/make.sh. */
  @Test
  void picturesOfTilesAreNamed() throws IOException {
    Path avif = folder.resolve("a.avif");
    try (InputStream picture = RefusedFilesTest.class.getResourceAsStream("/pictures/tiles.avif")) {
      Files.copy(picture, avif);
    }

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(avif))
        .withMessageContaining("it is a picture made of tiles");
  }

  @Test
  void aPictureIsAVideoOfOneFrame() throws IOException {
    Path png = Files.write(folder.resolve("a.png"), png(8, 4));

    assertThat(READER.read(png).frameCount()).isEqualTo(1);
    assertThat(READER.read(png).framesPerSecond()).isEqualTo(8);
    Video faster = READER.withFramesPerSecond(24).read(png);
    assertThat(faster.frameCount()).isEqualTo(1);
    assertThat(faster.framesPerSecond()).isEqualTo(24);
  }

  @Test
  void avifIsRead() throws IOException, FfmpegException {
    Path file = new MadeClip("libaom-av1", "avif").write(folder.resolve("a.avif"), 1);

    Video video = READER.read(file);

    assertThat(video.frameCount()).isEqualTo(1);
    assertThat(video.framesPerSecond()).isEqualTo(8);
    assertThat(READER.read(folder).frameCount()).isEqualTo(1);
  }

  @Test
  void jfifIsJpeg() throws IOException {
    ImageIO.write(
        new BufferedImage(8, 4, BufferedImage.TYPE_3BYTE_BGR),
        "jpg",
        folder.resolve("a.jfif").toFile());

    assertThat(READER.read(folder).width()).isEqualTo(8);
  }

  @Test
  void pixelsBecomeSquareWhereThatIsWanted() throws IOException, FfmpegException {
    Path file =
        new MadeClip("mpeg4", "matroska")
            .size(72, 58)
            .settings(context -> context.sample_aspect_ratio().num(16).den(11))
            .write(folder.resolve("wide.mkv"), 2);

    assertThat(READER.read(file).width()).isEqualTo(72);
    Video square = READER.withSquarePixels().read(file);
    assertThat(square.width()).isEqualTo(105);
    assertThat(square.height()).isEqualTo(58);
    // Of a frame of 105 × 58 in one of 32 × 32, seven rows above and below stay black.
    Video padded = READER.withSquarePixels().withSize(32, 32, Fit.PAD).read(file);
    assertThat(padded.image(1).getRGB(16, 6) & 0xffffff).isZero();
    assertThat(padded.image(1).getRGB(16, 7) & 0xffffff).isNotZero();
  }
}
