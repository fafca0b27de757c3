package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PROFILE_H264_HIGH;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;

import io.t2v.Video;
import io.t2v.VideoInfo;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoWriterTest {
  @TempDir Path folder;

  private Decoded roundTrip(VideoWriter writer, Video video) throws Exception {
    Path file = folder.resolve("video.mp4");
    writer.write(video, file);
    return Decoded.read(file);
  }

  @Test
  void sixteenFramesAtEightPerSecondLastTwoSeconds() throws Exception {
    Decoded decoded = roundTrip(VideoWriter.mp4(), Clips.gradients(256, 256, 16, 8));

    assertThat(decoded.codec()).isEqualTo("h264");
    assertThat(decoded.profile()).isEqualTo(AV_PROFILE_H264_HIGH);
    assertThat(decoded.pixelFormat()).isEqualTo(AV_PIX_FMT_YUV420P);
    assertThat(decoded.colorSpace()).isEqualTo(AVCOL_SPC_BT709);
    assertThat(decoded.primaries()).isEqualTo(AVCOL_PRI_BT709);
    assertThat(decoded.transfer()).isEqualTo(AVCOL_TRC_BT709);
    assertThat(decoded.range()).isEqualTo(AVCOL_RANGE_MPEG);
    assertThat(decoded.framesPerSecond()).isEqualTo(8);
    assertThat(decoded.declaredFrames()).isEqualTo(16);
    assertThat(decoded.frames()).hasSize(16);
    assertThat(decoded.streamSeconds()).isEqualTo(2);
    assertThat(decoded.fileSeconds()).isEqualTo(2);
    assertThat(decoded.lastFrameEnds()).isEqualTo(2);
    assertThat(decoded.times()).first().isEqualTo(0.0);
    assertThat(decoded.times()).last().isEqualTo(15 / 8.0);
  }

  @ParameterizedTest
  @CsvSource({
    "0.01, 1, 100",
    "1, 1, 1",
    "7.5, 15, 2",
    "8, 8, 1",
    "12.34, 617, 50",
    "23.976, 24000, 1001",
    "24, 24, 1",
    "29.97, 30000, 1001",
    "59.94, 60000, 1001",
    "60, 60, 1",
    "144, 144, 1",
    "1000, 1000, 1"
  })
  void keepsEveryFrameRateExactly(double rate, int frames, int seconds) throws Exception {
    Video video = Clips.gradients(32, 32, 7, 8);

    Decoded decoded = roundTrip(VideoWriter.mp4().withFramesPerSecond(rate), video);

    assertThat(decoded.framesPerSecond()).isEqualTo((double) frames / seconds);
    assertThat(decoded.frames()).hasSize(7);
    assertThat(decoded.streamSeconds()).isCloseTo(7.0 * seconds / frames, within(1e-9));
    assertThat(decoded.fileSeconds()).isCloseTo(7.0 * seconds / frames, within(1e-6));
    for (int t = 0; t < 7; t++) {
      assertThat(decoded.times().get(t)).isCloseTo((double) t * seconds / frames, within(1e-9));
    }
  }

  @Test
  void takesTheFrameRateOfTheVideo() throws Exception {
    assertThat(roundTrip(VideoWriter.mp4(), Clips.gradients(32, 32, 3, 29.97)).framesPerSecond())
        .isEqualTo(30_000 / 1001.0);
  }

  @Test
  void putsTheIndexInFront() throws Exception {
    byte[] file = VideoWriter.mp4().toBytes(Clips.gradients(64, 64, 16, 8));

    assertThat(boxes(file)).containsSubsequence("ftyp", "moov", "mdat").endsWith("mdat");
  }

  private static List<String> boxes(byte[] file) {
    List<String> types = new ArrayList<>();
    for (int at = 0; at < file.length; at += ByteBuffer.wrap(file).getInt(at)) {
      types.add(new String(file, at + 4, 4, US_ASCII));
    }
    return types;
  }

  @Test
  void bytesAreWhatTheFileHas() throws Exception {
    Video video = Clips.gradients(96, 64, 9, 8);
    Path file = folder.resolve("video.mp4");

    VideoWriter.mp4().write(video, file);

    assertThat(VideoWriter.mp4().toBytes(video)).isEqualTo(Files.readAllBytes(file));
  }

  @ParameterizedTest
  @CsvSource({"256, 256", "320, 192", "64, 64"})
  void gradientsInMotionKeepFortyDecibels(int width, int height) throws Exception {
    Video video = Clips.gradients(width, height, 16, 8);

    assertThat(Clips.psnr(video, roundTrip(VideoWriter.mp4(), video))).isGreaterThan(41);
  }

  @Test
  void qualityTradesSizeForPrecision() throws Exception {
    Video video = Clips.gradients(128, 128, 8, 8);
    double lastPsnr = 0;
    for (int quality : new int[] {1, 30, 60, 90, 100}) {
      double psnr = Clips.psnr(video, roundTrip(VideoWriter.mp4().withQuality(quality), video));
      assertThat(psnr).isGreaterThan(lastPsnr);
      lastPsnr = psnr;
    }
    assertThat(VideoWriter.mp4().withQuality(60).toBytes(video))
        .hasSizeLessThan(VideoWriter.mp4().withQuality(100).toBytes(video).length);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xffffff, 0x000000, 0x808080, 0x800080, 0xffa500,
        0x00ffff, 0xff00ff, 0x123456
      })
  void flatColoursStay(int color) throws Exception {
    Decoded decoded = roundTrip(VideoWriter.mp4(), Clips.flat(color, 64, 64, 4));

    for (int channel = 0; channel < 3; channel++) {
      int expected = color >> (16 - 8 * channel) & 0xff;
      assertThat(Clips.shift(expected, decoded, channel)).isBetween(-1.0, 1.0);
    }
  }

  @Test
  void coloursHaveNoCast() throws Exception {
    int[] colors = {0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xffffff, 0x000000, 0x808080, 0x800080};
    double[] errors = new double[3];
    for (int color : colors) {
      Decoded decoded = roundTrip(VideoWriter.mp4(), Clips.flat(color, 64, 64, 2));
      for (int channel = 0; channel < 3; channel++) {
        int expected = color >> (16 - 8 * channel) & 0xff;
        errors[channel] += Math.abs(Clips.shift(expected, decoded, channel)) / colors.length;
      }
    }
    // One level of error is what rounding to 8 bits of Y, Cb and Cr alone costs pure blue.
    for (double error : errors) {
      assertThat(error).isLessThan(0.5);
    }
  }

  @ParameterizedTest
  @CsvSource({"65, 64", "64, 65", "65, 65", "17, 19", "15, 16"})
  void oddSizesRepeatTheirEdge(int width, int height) throws Exception {
    int evenWidth = width + width % 2;
    int evenHeight = height + height % 2;
    Video padded = Clips.gradients(evenWidth, evenHeight, 4, 8);
    // The last column and row of the frames as they are expected back, and the frames to write.
    Video expected = Clips.paint(evenWidth, evenHeight, 4, 8, edged(padded, width, height));
    Video video = Clips.paint(width, height, 4, 8, edged(padded, width, height));

    Decoded decoded = roundTrip(VideoWriter.mp4(), video);

    assertThat(decoded.width()).isEqualTo(evenWidth);
    assertThat(decoded.height()).isEqualTo(evenHeight);
    assertThat(decoded.frames()).hasSize(4);
    assertThat(Clips.psnr(expected, decoded)).isGreaterThan(33);
    assertThat(VideoWriter.mp4().toBytes(video)).isEqualTo(VideoWriter.mp4().toBytes(expected));
  }

  private static Clips.Painter edged(Video video, int width, int height) {
    List<BufferedImage> images = List.copyOf(video.images());
    return (x, y, t) ->
        images.get(t).getRGB(Math.min(x, width - 1), Math.min(y, height - 1)) & 0xffffff;
  }

  @Test
  void oneFrameIsAVideo() throws Exception {
    Decoded decoded = roundTrip(VideoWriter.mp4(), Clips.gradients(64, 64, 1, 8));

    assertThat(decoded.frames()).hasSize(1);
    assertThat(decoded.streamSeconds()).isEqualTo(1 / 8.0);
    assertThat(decoded.fileSeconds()).isEqualTo(1 / 8.0);
  }

  @ParameterizedTest
  @CsvSource({"16, 16", "16, 8688", "8688, 16", "4096, 2304"})
  void smallestAndLargestSizesWork(int width, int height) throws Exception {
    Decoded decoded = roundTrip(VideoWriter.mp4(), Clips.flat(0x336699, width, height, 1));

    assertThat(decoded.width()).isEqualTo(width);
    assertThat(decoded.height()).isEqualTo(height);
    assertThat(decoded.frames()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"14, 64", "64, 8", "1, 1", "8690, 16", "16, 8690", "4112, 2304", "8688, 1086"})
  void otherSizesAreRefused(int width, int height) {
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.flat(0, width, height, 1), target()))
        .withMessageContaining("video.mp4")
        .withMessageContaining("×")
        .withMessageContaining("sides from 16 to 8688")
        .withMessageContaining("4096×2304");
    assertThat(folder).isEmptyDirectory();
  }

  private Path target() {
    return folder.resolve("video.mp4");
  }

  @Test
  void keyFramesComeEveryTwoSeconds() throws Exception {
    Decoded decoded = roundTrip(VideoWriter.mp4(), Clips.gradients(32, 32, 40, 8));

    for (int t = 0; t < 40; t++) {
      assertThat(decoded.keyFrames().get(t)).isEqualTo(t % 16 == 0);
    }
  }

  @Test
  void replacesAFileAndLeavesNothingElse() throws Exception {
    Files.writeString(target(), "old");

    VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), target());

    assertThat(Files.size(target())).isGreaterThan(500);
    assertThat(folder).isDirectoryContaining(target()::equals);
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void othersMayReadTheFileAsAnyOther() throws Exception {
    Path plain = Files.createFile(folder.resolve("plain"));

    VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), target());

    assertThat(Files.getPosixFilePermissions(target()))
        .isEqualTo(Files.getPosixFilePermissions(plain))
        .contains(PosixFilePermission.OWNER_WRITE);
  }

  @Test
  void namesMayHaveAnyCharacters() throws Exception {
    Path file = folder.resolve("pipe:1 – 熊猫 %03d.mp4");

    VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), file);

    assertThat(Files.size(file)).isGreaterThan(500);
  }

  @Test
  void missingFolderIsNamed() {
    Path file = folder.resolve("missing").resolve("video.mp4");

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), file))
        .withMessageContaining(file.toString())
        .withMessageContaining("does not exist; create it first");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFolderIsNoFile() throws Exception {
    Files.createDirectory(target());

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), target()))
        .withMessageContaining("it is a folder");
    assertThat(target()).isEmptyDirectory();
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void aFileIsNoFolder() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(
            () -> VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), file.resolve("video.mp4")))
        .withMessageContaining("is a file");
  }

  @Test
  void aReadOnlyPlaceIsNamed() {
    // The file system of the JDK's own classes is read-only for every user.
    Path file = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/video.mp4");

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), file))
        .withMessageContaining("no file can be made in /modules")
        .withMessageContaining("ReadOnly");
  }

  @Test
  void otherFileSystemsWork() throws Exception {
    Video video = Clips.gradients(32, 32, 2, 8);
    URI archive = URI.create("jar:" + folder.resolve("videos.zip").toUri());
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      VideoWriter.mp4().write(video, zip.getPath("/video.mp4"));

      assertThat(Files.readAllBytes(zip.getPath("/video.mp4")))
          .isEqualTo(VideoWriter.mp4().toBytes(video));
    }
  }

  @Test
  void aLateFailureLeavesNothing() {
    // The temporary file is fine; the name itself is longer than file systems take.
    Path file = folder.resolve("x".repeat(300) + ".mp4");

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), file));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aLinkStaysAndItsFileIsReplaced() throws Exception {
    Path file = Files.writeString(target(), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.mp4"), file);
    Video video = Clips.gradients(32, 32, 2, 8);

    VideoWriter.mp4().write(video, link);

    assertThat(link).isSymbolicLink();
    assertThat(Files.readAllBytes(file)).isEqualTo(VideoWriter.mp4().toBytes(video));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLinkToStandardOutputGetsTheBytesAndStays() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("out.mp4"), Path.of("/dev/stdout"));
    Path out = folder.resolve("redirected");
    Process child =
        new ProcessBuilder(ChildJvm.command(Writing.class, List.of(), link.toString(), "end"))
            .redirectOutput(out.toFile())
            .start();

    assertThat(child.waitFor()).isZero();
    assertThat(link).isSymbolicLink();
    assertThat(Path.of("/dev/stdout")).isSymbolicLink();
    assertThat(Files.readAllBytes(out))
        .isEqualTo(VideoWriter.mp4().toBytes(Clips.gradients(32, 32, 2, 8)));
  }

  @Test
  void whatAKilledProcessLeftIsDeletedByTheNextFile() throws Exception {
    Video video = Clips.gradients(32, 32, 2, 8);
    Process child =
        new ProcessBuilder(ChildJvm.command(Writing.class, List.of(), target().toString(), "hold"))
            .start();
    assertThat(child.inputReader().readLine()).isEqualTo("holding");
    VideoWriter.mp4().write(video, folder.resolve("other.mp4"));
    assertThat(folder.toFile().list()).as("of the living process").hasSize(2);

    child.destroyForcibly().waitFor();
    VideoWriter.mp4().write(video, folder.resolve("other.mp4"));

    assertThat(folder.toFile().list()).containsExactly("other.mp4");
  }

  /** Writes a file, or begins one and waits. */
  static final class Writing {
    public static void main(String[] arguments) throws IOException {
      Video video = Clips.gradients(32, 32, 2, 8);
      try (VideoStream stream = VideoWriter.mp4().open(Path.of(arguments[0]))) {
        stream.begin(VideoInfo.of(video));
        stream.frame(video.rgb(0));
        if (arguments[1].equals("hold")) {
          System.out.println("holding");
          System.in.read(); // until it is killed
        }
        stream.frame(video.rgb(1));
        stream.end();
      }
    }
  }

  @Test
  void placesAreCheckedBeforehand() throws Exception {
    VideoWriter writer = VideoWriter.mp4();
    writer.requireWritable(target());
    VideoWriter.pngFiles().requireWritable(folder.resolve("frames"));

    assertNotWritable(writer, folder, "it is a folder; add a file name");
    assertNotWritable(writer, folder.resolve("none").resolve("a.mp4"), "create it first");
    assertNotWritable(writer, folder.resolve("x".repeat(300) + ".mp4"), "cannot write");
    assertNotWritable(
        VideoWriter.pngFiles(), Files.createFile(folder.resolve("file")), "it is not a folder");
    assertThat(folder.toFile().list()).containsExactly("file");
  }

  private static void assertNotWritable(VideoWriter writer, Path place, String reason) {
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> writer.requireWritable(place))
        .withMessageContaining(place.toString())
        .withMessageContaining(reason);
  }

  @Test
  void sizesAreCheckedBeforehand() throws Exception {
    VideoWriter.mp4().requireAvailable();
    VideoWriter.mp4().check(16, 16, 8);

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().check(8, 8, 8))
        .withMessageContaining("8×8")
        .withMessageContaining("scale the frames");
  }

  @Test
  void noFileNameIsNamed() {
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.gradients(32, 32, 2, 8), Path.of("")))
        .withMessageContaining("no file name");
  }

  @Test
  void failureKeepsTheOldFile() throws Exception {
    Files.writeString(target(), "old");

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.flat(0, 8, 8, 1), target()));

    assertThat(target()).hasContent("old");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void badSettingsAreRefusedAtOnce() {
    VideoWriter writer = VideoWriter.mp4();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.withQuality(0))
        .withMessage("quality is 0, expected 1 to 100");
    assertThatIllegalArgumentException().isThrownBy(() -> writer.withQuality(101));
    for (double rate : new double[] {0, -1, 0.009, 1001, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.withFramesPerSecond(rate))
          .withMessageContaining("expected 0.01 to 1000");
    }
  }

  @Test
  void frameRateOfTheVideoIsCheckedToo() {
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().toBytes(Clips.gradients(32, 32, 2, 5000)))
        .withMessageContaining("frame rate is 5000.0")
        .withMessageContaining("withFramesPerSecond");
  }

  @Test
  void saysWhatItIs() {
    assertThat(VideoWriter.mp4()).hasToString("VideoWriter[MP4, quality 90]");
    assertThat(VideoWriter.mp4().withFramesPerSecond(8).withQuality(50))
        .hasToString("VideoWriter[MP4, quality 50, 8.0 frames per second]");
  }

  @Test
  void nothingNativeStaysBehind() throws Exception {
    Video video = Clips.gradients(256, 256, 2, 8);
    Video refused = Clips.flat(0, 8, 8, 1);
    encodeAndFail(video, refused, 40);
    long objects = Pointer.totalCount();
    long objectBytes = Pointer.totalBytes();
    long growth = Long.MAX_VALUE;

    // The heap grows now and then as well; what stays behind shows in each round.
    for (int round = 0; round < 5; round++) {
      long memory = Pointer.physicalBytes();
      encodeAndFail(video, refused, 100);
      growth = Math.min(growth, Pointer.physicalBytes() - memory);
    }

    // What other tests left to the collector may go meanwhile; a leak would add hundreds.
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
    assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(objectBytes);
    // A frame of this size has 98 kB, and an encoder some megabytes.
    assertThat(growth).isLessThan(100 * 40_000);
  }

  @Test
  void aThousandFilesLeaveNothing() throws Exception {
    Video video = Clips.gradients(32, 32, 2, 8);
    byte[] expected = VideoWriter.mp4().toBytes(video);
    for (int i = 0; i < 500; i++) {
      assertThat(VideoWriter.mp4().toBytes(video)).isEqualTo(expected);
    }
    long objects = Pointer.totalCount();
    long memory = Pointer.physicalBytes();
    for (int i = 0; i < 500; i++) {
      VideoWriter.mp4().toBytes(video);
    }

    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
    // An encoder of this size has some megabytes: a tenth of one left behind each time shows.
    assertThat(Pointer.physicalBytes() - memory).isLessThan(50 << 20);
  }

  private static void encodeAndFail(Video video, Video refused, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      VideoWriter.mp4().toBytes(video);
      assertThatExceptionOfType(VideoWriteException.class)
          .isThrownBy(() -> VideoWriter.mp4().toBytes(refused));
    }
  }

  @Test
  void eightThreadsAtOnceGetTheirOwnVideos() throws Exception {
    VideoWriter writer = VideoWriter.mp4();
    List<Video> videos = new ArrayList<>();
    List<byte[]> expected = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      videos.add(Clips.gradients(64 + 16 * i, 64, 6, 8));
      expected.add(writer.toBytes(videos.get(i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<byte[]>> results = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Video video = videos.get(i % 4);
        results.add(threads.submit(() -> writer.toBytes(video)));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(results.get(i).get()).isEqualTo(expected.get(i % 4));
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
