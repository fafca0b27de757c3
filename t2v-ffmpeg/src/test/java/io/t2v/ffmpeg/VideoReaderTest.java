package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.Video;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoReaderTest {
  private static final VideoReader READER = VideoReader.create();

  @TempDir Path folder;
  private Video video;
  private Path lossless;

  @BeforeEach
  void write() throws IOException {
    // Each frame has its number as its red.
    video = Clips.paint(48, 32, 16, 8, (x, y, t) -> t << 16 | (5 * x) << 8 | 7 * y);
    lossless = folder.resolve("clip.mkv");
    VideoWriter.mkv().write(video, lossless);
  }

  private static int[] numbers(Video video) {
    int[] numbers = new int[video.frameCount()];
    Arrays.setAll(numbers, i -> video.rgb(i)[0]);
    return numbers;
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    Video back = READER.read(lossless);

    assertThat(back.rgb()).isEqualTo(video.rgb());
    assertThat(back.framesPerSecond()).isEqualTo(8);
    assertThat(back.provenance().properties()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "4, 0 2 4 6 8 10 12 14",
    "8, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
    "12, 0 0 1 2 2 3 4 4 5 6 6 7 8 8 9 10 10 11 12 12 13 14 14 15",
    "3, 0 2 5 8 10 13"
  })
  void changesTheFrameRateAndKeepsTheSpeed(double rate, String expected) throws IOException {
    Video back = READER.withFramesPerSecond(rate).read(lossless);

    assertThat(numbers(back))
        .containsExactly(Arrays.stream(expected.split(" ")).mapToInt(Integer::parseInt).toArray());
    assertThat(back.framesPerSecond()).isEqualTo(rate);
  }

  @Test
  void takesPartsOfTheTime() throws IOException {
    assertThat(numbers(READER.between(0.5, 1).read(lossless))).containsExactly(4, 5, 6, 7);
    assertThat(numbers(READER.between(1.75, Double.POSITIVE_INFINITY).read(lossless)))
        .containsExactly(14, 15);
    assertThat(numbers(READER.withFrames(3).read(lossless))).containsExactly(0, 1, 2);
    assertThat(numbers(READER.between(0.5, 1).withFramesPerSecond(4).withFrames(2).read(lossless)))
        .containsExactly(4, 6);
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.between(2.5, 3).read(lossless))
        .withMessageContaining("no frames from 2.50 to 3.00 seconds");
  }

  @Test
  void cropsPadsAndStretches() throws IOException {
    Path flat = folder.resolve("flat.mkv");
    // Left half red, right half blue, of 64 × 32.
    VideoWriter.mkv()
        .write(Clips.paint(64, 32, 1, 8, (x, y, t) -> x < 32 ? 0xff0000 : 0x0000ff), flat);
    VideoReader nearest = READER.withScalingFilter(ScalingFilter.NEAREST);

    Video cropped = nearest.withSize(16, 16, Fit.CROP).read(flat);
    assertThat(pixel(cropped, 7, 8)).isEqualTo(0xff0000);
    assertThat(pixel(cropped, 8, 8)).isEqualTo(0x0000ff);
    Video padded = nearest.withSize(16, 16, Fit.PAD).read(flat);
    assertThat(pixel(padded, 7, 3)).isZero();
    assertThat(pixel(padded, 7, 4)).isEqualTo(0xff0000);
    assertThat(pixel(padded, 8, 11)).isEqualTo(0x0000ff);
    assertThat(pixel(padded, 8, 12)).isZero();
    Video stretched = nearest.withSize(16, 16, Fit.STRETCH).read(flat);
    assertThat(pixel(stretched, 0, 0)).isEqualTo(0xff0000);
    assertThat(pixel(stretched, 15, 15)).isEqualTo(0x0000ff);
  }

  private static int pixel(Video video, int x, int y) {
    return video.image(0).getRGB(x, y) & 0xffffff;
  }

  @Test
  void picturesOfAFolderComeInTheOrderOfTheirNumbers() throws IOException {
    Path pictures = Files.createDirectory(folder.resolve("pictures"));
    for (int i : new int[] {10, 9, 1}) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_3BYTE_BGR);
      image.setRGB(0, 0, i << 16);
      ImageIO.write(image, "png", pictures.resolve("p" + i + ".png").toFile());
    }
    Files.writeString(pictures.resolve("notes.txt"), "not a picture");
    Files.writeString(pictures.resolve(".hidden.png"), "not a picture either");

    Video back = READER.read(pictures);

    assertThat(numbers(back)).containsExactly(1, 9, 10);
    assertThat(back.framesPerSecond()).isEqualTo(8);
    assertThat(READER.withFramesPerSecond(3).read(pictures).framesPerSecond()).isEqualTo(3);
  }

  @Test
  void picturesOfDifferentSizesNeedOne() throws IOException {
    Path pictures = Files.createDirectory(folder.resolve("pictures"));
    for (int i = 1; i < 3; i++) {
      ImageIO.write(
          new BufferedImage(8 * i, 8, BufferedImage.TYPE_3BYTE_BGR),
          "png",
          pictures.resolve(i + ".png").toFile());
    }

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(pictures))
        .withMessageContaining("frame 1 is 16×8")
        .withMessageContaining("withSize");
    assertThat(READER.withSize(8, 8, Fit.PAD).read(pictures).frameCount()).isEqualTo(2);
  }

  @Test
  void emptyFoldersAndMissingFilesAreNamed() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(empty))
        .withMessageContaining("no file in the folder is a picture");
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(folder.resolve("nowhere.mp4")))
        .withMessageContaining("nowhere.mp4: there is no such file");
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(Files.createFile(folder.resolve("zero.mp4"))))
        .withMessageContaining("it is empty");
  }

  @Test
  void namesDoNotMatter() throws IOException {
    Path misnamed = folder.resolve("clip – 熊猫.gif");
    Files.copy(lossless, misnamed);

    assertThat(READER.read(misnamed).rgb()).isEqualTo(video.rgb());
  }

  @Test
  void otherFileSystemsWork() throws IOException {
    URI archive = URI.create("jar:" + folder.resolve("videos.zip").toUri());
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      Files.copy(lossless, zip.getPath("/clip.mkv"));

      assertThat(READER.read(zip.getPath("/clip.mkv")).rgb()).isEqualTo(video.rgb());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "This is only a text.\nOf two lines.",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nclip.mkv\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile clip.mkv\n"
      })
  void textsAndPlaylistsAreNoVideos(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("clip.mp4"), text);

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(file))
        .withMessageContaining("clip.mp4");
  }

  @ParameterizedTest
  @EnumSource(names = {"MP4", "MOV", "APNG", "GIF", "WEBM", "MKV"})
  void filesThatWereCutOffAreErrors(VideoFormat format) throws IOException {
    byte[] whole = VideoWriter.of(format).toBytes(Clips.noisy(64, 64, 16));
    for (double part : new double[] {0.9, 0.5, 0.1, 0.01}) {
      Path file = folder.resolve("cut");
      Files.write(file, Arrays.copyOf(whole, (int) (whole.length * part)));

      assertThatExceptionOfType(VideoReadException.class)
          .as("%s of %s", part, format)
          .isThrownBy(() -> READER.read(file))
          .withMessageContaining("cut");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"MP4", "WEBM", "GIF", "APNG", "MKV", "MOV"})
  void damagedFilesNeitherCrashNorLeak(VideoFormat format) throws IOException {
    byte[] whole = VideoWriter.of(format).toBytes(Clips.noisy(64, 64, 4));
    Path file = folder.resolve("damaged");
    READER.read(Files.write(file, whole));
    long objects = Pointer.totalCount();
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 40; i++) {
      byte[] damaged = whole.clone();
      for (int j = 0; j < 1 + i; j++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Files.write(file, damaged);
      try {
        READER.read(file);
      } catch (VideoReadException e) {
        assertThat(e).hasMessageContaining("damaged");
      }
    }

    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
  }

  @Test
  void absurdSizesAreRefused() throws IOException {
    ByteBuffer header = ByteBuffer.allocate(8 + 25 + 12 + 12);
    header.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    chunk(
        header,
        "IHDR",
        ByteBuffer.allocate(13)
            .putInt(60_000)
            .putInt(60_000)
            .put(new byte[] {8, 2, 0, 0, 0})
            .array());
    chunk(header, "IDAT", new byte[0]);
    chunk(header, "IEND", new byte[0]);
    Path file = Files.write(folder.resolve("bomb.png"), header.array());

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(file))
        .withMessageContaining("bomb.png");
  }

  private static void chunk(ByteBuffer to, String type, byte[] content) {
    CRC32 checksum = new CRC32();
    checksum.update(type.getBytes(StandardCharsets.US_ASCII));
    checksum.update(content);
    to.putInt(content.length)
        .put(type.getBytes(StandardCharsets.US_ASCII))
        .put(content)
        .putInt((int) checksum.getValue());
  }

  @Test
  void memoryIsBounded() throws IOException {
    VideoReader limited = READER.withMemoryLimit(10 * 3L * 48 * 32);
    Path counted = folder.resolve("counted.mp4");
    VideoWriter.mp4().write(video, counted);

    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> limited.read(lossless))
        .withMessageContaining("11 or more frames of 48×32 take 50.7 KB, and the memory limit is")
        .withMessageContaining("or raise the limit");
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> limited.read(counted))
        .withMessageContaining("its 16 frames of 48×32 take 73.7 KB, and the memory limit is 46.1");
  }

  @Test
  void memoryIsCountedBySizeRateAndTimeThatAreRead() throws IOException {
    VideoReader limited = READER.withMemoryLimit(3L * 24 * 16 * 8);

    assertThat(limited.withSize(24, 16, Fit.STRETCH).withFramesPerSecond(4).read(lossless))
        .extracting(Video::frameCount)
        .isEqualTo(8);
    assertThat(limited.between(0.5, 0.75).read(lossless).frameCount()).isEqualTo(2);
    assertThat(limited.withFrames(2).read(lossless).frameCount()).isEqualTo(2);
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(
            () -> limited.withSize(24, 16, Fit.STRETCH).withFramesPerSecond(5).read(lossless))
        .withMessageContaining("its 10 frames of 24×16");
  }

  @Test
  void memoryIsBoundedWhereFramesAreRepeated() {
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.withMemoryLimit(1 << 20).withFramesPerSecond(1000).read(lossless))
        .withMessageContaining("its 2000 frames of 48×32 take 9.22 MB");
  }

  @Test
  void badOptionsAreRefusedAtOnce() {
    assertThatIllegalArgumentException().isThrownBy(() -> READER.withFrames(0));
    assertThatIllegalArgumentException().isThrownBy(() -> READER.withSize(0, 1, Fit.CROP));
    assertThatIllegalArgumentException().isThrownBy(() -> READER.withFramesPerSecond(0));
    assertThatIllegalArgumentException().isThrownBy(() -> READER.between(2, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> READER.withMemoryLimit(0));
  }
}
