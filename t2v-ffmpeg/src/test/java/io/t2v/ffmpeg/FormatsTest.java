package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.t2v.Video;
import io.t2v.VideoInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class FormatsTest {
  private static final int[] EIGHT = {
    0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xffffff, 0x000000, 0x808080, 0x800080
  };

  @TempDir Path folder;

  private Path file(VideoFormat format) {
    return folder.resolve("clip" + (format.endings().isEmpty() ? "" : format.endings().get(0)));
  }

  private Video roundTrip(VideoWriter writer, Video video) throws IOException {
    Path file = file(writer.format());
    writer.write(video, file);
    return VideoReader.create().read(file);
  }

  @ParameterizedTest
  @CsvSource({
    "a.mp4, MP4",
    "A.MP4, MP4",
    "a.b.m4v, MP4",
    "a.webm, WEBM",
    "a.mov, MOV",
    "a.mkv, MKV",
    "a.gif, GIF",
    "a.webp, WEBP",
    "a.apng, APNG"
  })
  void namesStandForFormats(Path file, VideoFormat format) {
    assertThat(VideoWriter.forFile(file).format()).isEqualTo(format);
  }

  @Test
  void otherNamesAreRefusedWithThoseThatAreKnown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VideoWriter.forFile(Path.of("clip.avi")))
        .withMessageContaining("clip.avi")
        .withMessageContaining(".mp4, .m4v, .webm, .mov");
  }

  @ParameterizedTest
  @CsvSource({
    // A hard edge between pure colors is the worst for halved color planes.
    "MP4, 41, 32",
    "WEBM, 41, 32",
    "MOV, 41, 35",
    "MKV, 200, 200",
    "GIF, 24, 200",
    "APNG, 200, 200",
    "PNG_FILES, 200, 200"
  })
  void precisionOfEachFormat(VideoFormat format, double ofGradients, double ofShapes)
      throws IOException {
    VideoWriter writer = VideoWriter.of(format);
    Video gradients = Clips.gradients(96, 64, 16, 8);
    Video shapes = Clips.disc(0xff0000, 0x000000, 64, 8);

    assertThat(psnr(gradients, roundTrip(writer, gradients))).isGreaterThan(ofGradients);
    deleteAll();
    assertThat(psnr(shapes, roundTrip(writer, shapes))).isGreaterThan(ofShapes);
  }

  private static double psnr(Video expected, Video actual) {
    assertThat(actual.frameCount()).isEqualTo(expected.frameCount());
    assertThat(actual.framesPerSecond()).isEqualTo(expected.framesPerSecond(), within(1e-6));
    return Clips.psnr(expected, actual);
  }

  private void deleteAll() throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.delete(file);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "WEBP")
  void flatColoursStay(VideoFormat format) throws IOException {
    for (int color : EIGHT) {
      Video back = roundTrip(VideoWriter.of(format), Clips.flat(color, 64, 64, 2));
      double[] sums = new double[3];
      byte[] rgb = back.rgb();
      for (int i = 0; i < rgb.length; i++) {
        sums[i % 3] += (rgb[i] & 0xff) - (color >> (16 - 8 * (i % 3)) & 0xff);
      }
      for (double sum : sums) {
        assertThat(Math.abs(sum) / (rgb.length / 3)).as("%06x", color).isLessThanOrEqualTo(1.0);
      }
      deleteAll();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "WEBP")
  void oddSizesAndSingleFramesWork(VideoFormat format) throws IOException {
    Video back = roundTrip(VideoWriter.of(format), Clips.gradients(65, 33, 1, 8));

    boolean padded =
        VideoWriter.of(format).format().encoders().get(0).codec().pixels().needsEvenSize();
    assertThat(back.width()).isEqualTo(padded ? 66 : 65);
    assertThat(back.height()).isEqualTo(padded ? 34 : 33);
    assertThat(back.frameCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void settingsComeBack(VideoFormat format) throws IOException {
    Video video = Clips.made(Clips.gradients(64, 64, 3, 8));
    VideoWriter.of(format).write(video, file(format));

    VideoInfo clip = VideoSettings.read(file(format)).orElseThrow();

    assertThat(clip).isEqualTo(VideoInfo.of(video));
    if (format != VideoFormat.WEBP) {
      Video back = VideoReader.create().read(file(format));
      assertThat(back.provenance()).isEqualTo(video.provenance());
      assertThat(back.frameCount()).isEqualTo(3);
    }
    Path first =
        Files.isDirectory(file(format)) ? file(format).resolve("frame-0001.png") : file(format);
    assertThat(Files.readString(first, ISO_8859_1))
        .contains("DigitalSourceType>http://cv.iptc.org")
        .contains("trainedAlgorithmicMedia");
  }

  @ParameterizedTest
  @EnumSource
  void settingsCanBeLeftOut(VideoFormat format) throws IOException {
    Video video = Clips.made(Clips.gradients(64, 64, 3, 8));
    VideoWriter.of(format).withoutSettings().write(video, file(format));

    assertThat(VideoSettings.read(file(format))).isEmpty();
  }

  @Test
  void nothingIsSaidOfUnknownOrigin() throws IOException {
    VideoWriter.mp4().write(Clips.flat(0, 64, 64, 1), file(VideoFormat.MP4));

    assertThat(VideoSettings.read(file(VideoFormat.MP4))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"MP4", "MOV", "WEBM", "MKV"})
  void theCommentHasTheSettingsToo(VideoFormat format) throws Exception {
    VideoWriter.of(format).write(Clips.made(Clips.flat(0, 64, 64, 1)), file(format));

    Ffmpeg.load();
    try (InputFile input = new InputFile(file(format))) {
      assertThat(FrameRecordOf.comment(input)).contains(1234567890123L);
    }
  }

  /** Reads a file's comment as settings. */
  private static final class FrameRecordOf {
    static List<Long> comment(InputFile input) throws IOException {
      return FileRecord.parse(input.comment().orElseThrow())
          .orElseThrow()
          .provenance()
          .seed()
          .stream()
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "PNG_FILES")
  void bytesStreamsAndFilesAreTheSame(VideoFormat format) throws IOException {
    Video video = Clips.made(Clips.gradients(64, 64, 3, 8));
    VideoWriter writer = VideoWriter.of(format);
    writer.write(video, file(format));
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    writer.write(video, stream);

    assertThat(stream.toByteArray())
        .isEqualTo(Files.readAllBytes(file(format)))
        .isEqualTo(writer.toBytes(video));
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void av1GoesIntoMp4AndWebm() throws Exception {
    Video video = Clips.gradients(96, 64, 8, 8);
    for (VideoWriter writer : List.of(VideoWriter.mp4(), VideoWriter.webm())) {
      writer.withEncoder(VideoEncoder.LIBSVTAV1).write(video, file(writer.format()));
      Decoded decoded = Decoded.read(file(writer.format()));

      assertThat(decoded.codec()).isEqualTo("av1");
      assertThat(decoded.frames()).hasSize(8);
      assertThat(decoded.fileSeconds()).isEqualTo(1);
      assertThat(Clips.psnr(video, decoded)).isGreaterThan(38);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"WEBM", "MKV", "MOV"})
  void durationsAreExact(VideoFormat format) throws Exception {
    VideoWriter.of(format).write(Clips.gradients(64, 64, 16, 8), file(format));
    Decoded decoded = Decoded.read(file(format));

    assertThat(decoded.fileSeconds()).isEqualTo(2);
    assertThat(decoded.framesPerSecond()).isEqualTo(8);
    assertThat(decoded.lastFrameEnds()).isEqualTo(2);
  }

  @Test
  void gifsLastAsLongAsTheirFrames() throws Exception {
    VideoWriter.gif().write(Clips.gradients(64, 64, 16, 8), file(VideoFormat.GIF));

    assertThat(Decoded.read(file(VideoFormat.GIF)).lastFrameEnds()).isEqualTo(2, within(1e-9));
  }

  @Test
  void webPHasAllFramesWithTheirTimes() throws Exception {
    byte[] file = VideoWriter.webp().withLoops(3).toBytes(Clips.gradients(96, 64, 16, 8));

    assertThat(webPDurations(file)).hasSize(16).containsOnly(125);
    assertThat(webPChunks(file, "ANIM")).hasSize(1);
    assertThat(webPChunks(file, "ANIM").get(0).getShort(4)).isEqualTo((short) 3);
  }

  /** Milliseconds of each frame. */
  private static List<Integer> webPDurations(byte[] file) {
    return webPChunks(file, "ANMF").stream().map(chunk -> chunk.getInt(12) & 0xffffff).toList();
  }

  private static List<ByteBuffer> webPChunks(byte[] bytes, String wanted) {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(file.getInt(4)).isEqualTo(file.capacity() - 8);
    List<ByteBuffer> chunks = new ArrayList<>();
    for (int at = 12; at < file.capacity(); at += 8 + (file.getInt(at + 4) + 1) / 2 * 2) {
      if (new String(bytes, at, 4, ISO_8859_1).equals(wanted)) {
        chunks.add(file.slice(at + 8, file.getInt(at + 4)).order(ByteOrder.LITTLE_ENDIAN));
      }
    }
    return chunks;
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 90, 100})
  void webPKeepsFramesThatAreNearlyEqual(int quality) throws Exception {
    // A slow fade: from frame to frame each channel changes by one level.
    Video video = Clips.paint(64, 64, 16, 8, (x, y, t) -> 0x010101 * (64 + x + t));

    byte[] file = VideoWriter.webp().withQuality(quality).toBytes(video);

    assertThat(webPDurations(file)).hasSize(16).containsOnly(125);
  }

  @Test
  void gifAndApngSayTheirLoops() throws Exception {
    Video video = Clips.gradients(32, 32, 2, 8);

    assertThat(latin(VideoWriter.gif().toBytes(video))).contains("NETSCAPE2.0\u0003\u0001\0\0");
    assertThat(latin(VideoWriter.gif().withLoops(3).toBytes(video)))
        .contains("NETSCAPE2.0\u0003\u0001\u0002\0");
    assertThat(latin(VideoWriter.gif().withLoops(1).toBytes(video))).doesNotContain("NETSCAPE");
    assertThat(latin(VideoWriter.apng().withLoops(3).toBytes(video)))
        .contains("acTL\0\0\0\u0002\0\0\0\u0003");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VideoWriter.mp4().withLoops(3))
        .withMessage("MP4 has no number of loops");
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  @Test
  void aStillComesFirst() throws IOException {
    Video video = Clips.disc(0xff0000, 0, 64, 3);

    Video back = roundTrip(VideoWriter.mkv().withStillFirst(0.5), video);

    assertThat(back.frameCount()).isEqualTo(3 + 4);
    for (int i = 0; i <= 4; i++) {
      assertThat(back.rgb(i)).isEqualTo(video.rgb(0));
    }
    assertThat(back.rgb(5)).isEqualTo(video.rgb(1));
  }

  @Test
  void nearestScalingKeepsPixels() throws IOException {
    Video video = Clips.gradients(16, 16, 2, 8);

    Video back =
        roundTrip(
            VideoWriter.mkv().withSize(64, 32).withScalingFilter(ScalingFilter.NEAREST), video);

    assertThat(back.width()).isEqualTo(64);
    assertThat(back.height()).isEqualTo(32);
    assertThat(back.image(1).getRGB(9, 5)).isEqualTo(video.image(1).getRGB(2, 2));
  }

  @ParameterizedTest
  @EnumSource
  void everyFilterKeepsFlatColours(ScalingFilter filter) throws IOException {
    for (int color : EIGHT) {
      Video back =
          roundTrip(
              VideoWriter.mkv().withSize(33, 47).withScalingFilter(filter),
              Clips.flat(color, 16, 16, 1));

      int found = back.image(0).getRGB(16, 23);
      for (int shift = 0; shift < 24; shift += 8) {
        assertThat((found >> shift & 0xff) - (color >> shift & 0xff)).isBetween(-1, 1);
      }
    }
  }

  @Test
  void coloursStayWhereVideosAreScaledOnBothWays() throws IOException {
    for (int color : EIGHT) {
      Path file = file(VideoFormat.MP4);
      VideoWriter.mp4().withSize(96, 50).write(Clips.flat(color, 64, 64, 1), file);
      Video back = VideoReader.create().withSize(32, 40, Fit.PAD).read(file);

      int found = back.image(0).getRGB(16, 20);
      for (int shift = 0; shift < 24; shift += 8) {
        assertThat((found >> shift & 0xff) - (color >> shift & 0xff)).isBetween(-1, 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"MP4", "WEBM"})
  void bitRatesAreHeld(VideoFormat format) throws IOException {
    Video video = Clips.noisy(128, 128, 48);
    VideoWriter writer = VideoWriter.of(format);
    int small = writer.withBitRate(200_000).toBytes(video).length;
    int large = writer.withBitRate(1_600_000).toBytes(video).length;

    assertThat(small).isLessThan(large / 2).isLessThan(writer.toBytes(video).length);
  }

  /** Ten seconds: long enough to make up for key frames, which come every two. */
  @ParameterizedTest
  @ValueSource(ints = {300_000, 800_000})
  void webMHoldsTheBitRateWithinATenth(int asked) throws IOException {
    Video grain = Clips.noisy(256, 256, 80);
    Video texture =
        Clips.paint(256, 256, 80, 8, (x, y, t) -> hash((x / 3 + t) * 7919 ^ (y / 3 - t) * 104_729));
    for (Video video : List.of(grain, texture)) {
      byte[] file = VideoWriter.webm().withBitRate(asked).toBytes(video);

      assertThat(file.length * 8 / 10.0).isCloseTo(asked, withinPercentage(10));
    }
  }

  private static int hash(int value) {
    return value * value * 31 >>> 3 & 0xffffff;
  }

  @Test
  void pureNoiseAtTheFinestQualityIsRefusedWithTheCure() {
    Random random = new Random(1);
    Video noise = Clips.paint(128, 128, 2, 8, (x, y, t) -> random.nextInt(1 << 24));

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().withQuality(100).toBytes(noise))
        .withMessageContaining("more detail than goes with this quality; lower it");
  }

  @Test
  void keyFramesComeAsAsked() throws Exception {
    VideoWriter.webm()
        .withKeyFrameInterval(0.5)
        .write(Clips.gradients(64, 64, 16, 8), file(VideoFormat.WEBM));

    assertThat(Decoded.read(file(VideoFormat.WEBM)).keyFrames().stream().filter(k -> k).count())
        .isEqualTo(4);
  }

  @Test
  void qualityTradesSizeInOtherFormatsToo() throws IOException {
    Video video = Clips.gradients(128, 128, 4, 8);
    for (VideoWriter writer :
        List.of(
            VideoWriter.webm(),
            VideoWriter.mov(),
            VideoWriter.webp(),
            VideoWriter.mp4().withEncoder(VideoEncoder.LIBSVTAV1))) {
      assertThat(writer.withQuality(20).toBytes(video))
          .hasSizeLessThan(writer.withQuality(95).toBytes(video).length);
    }
  }

  @Test
  void optionsThatAFormatLacksAreRefusedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VideoWriter.mkv().withQuality(50))
        .withMessage("Matroska has no scale of quality");
    assertThatIllegalArgumentException().isThrownBy(() -> VideoWriter.gif().withBitRate(5000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VideoWriter.mov().withKeyFrameInterval(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VideoWriter.gif().withFramesPerSecond(51))
        .withMessageContaining("0.01 to 50");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VideoWriter.webm().withEncoder(VideoEncoder.LIBOPENH264))
        .withMessageContaining("libvpx-vp9, libsvtav1");
    assertThatIllegalArgumentException().isThrownBy(() -> VideoWriter.apng().withHardware());
  }

  @Test
  void encodersThatAreMissingAreRefusedBeforehand() {
    VideoEncoder absent = VideoEncoder.H264_VIDEOTOOLBOX;
    VideoWriter writer =
        VideoWriter.mp4()
            .withEncoder(
                org.bytedeco.javacpp.Loader.getPlatform().startsWith("macosx")
                    ? VideoEncoder.H264_MF
                    : absent);

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> writer.check(64, 64, 8))
        .withMessageContaining("have no encoder named h264_")
        .withMessageContaining("libopenh264,");
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().check(8, 8, 8));
  }

  @Test
  void hardwareFallsBackToSoftware() throws IOException {
    Video video = Clips.gradients(64, 64, 2, 8);

    assertThat(Clips.psnr(video, roundTrip(VideoWriter.mp4().withHardware(), video)))
        .isGreaterThan(35);
    assertThat(VideoEncoder.available())
        .contains(VideoEncoder.LIBOPENH264, VideoEncoder.LIBVPX_VP9, VideoEncoder.GIF);
  }

  @Test
  void streamsTakeFramesOneByOne() throws IOException {
    Video video = Clips.gradients(64, 64, 5, 8);
    Path one = folder.resolve("one.mp4");
    Path two = folder.resolve("two.mp4");
    try (VideoStream stream = VideoWriter.mp4().open(List.of(one, two))) {
      for (int clip = 0; clip < 2; clip++) {
        stream.begin(VideoInfo.of(video));
        for (int i = 0; i < 5; i++) {
          stream.frame(video.rgb(i));
        }
        stream.end();
      }
      assertThatExceptionOfType(VideoWriteException.class)
          .isThrownBy(() -> stream.begin(VideoInfo.of(video)))
          .withMessageContaining("more videos than files");
    }
    assertThat(one).hasSameBinaryContentAs(two);
    assertThat(Files.readAllBytes(one)).isEqualTo(VideoWriter.mp4().toBytes(video));
  }

  @ParameterizedTest
  @EnumSource(names = {"MP4", "GIF", "PNG_FILES", "MKV"})
  void aStreamThatIsNotEndedLeavesNothing(VideoFormat format) throws IOException {
    Video video = Clips.gradients(64, 64, 5, 8);
    try (VideoStream stream = VideoWriter.of(format).open(file(format))) {
      stream.begin(VideoInfo.of(video));
      stream.frame(video.rgb(0));
    }

    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "PNG_FILES")
  void aStreamThatFailsIsNamed(VideoFormat format) throws IOException {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.of(format).write(Clips.gradients(64, 64, 2, 8), full))
        .withMessageContaining("No space left on device");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDeviceIsNamedAndStays() throws IOException {
    Path full = Path.of("/dev/full");

    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.mp4().write(Clips.gradients(64, 64, 2, 8), full))
        .withMessageContaining("/dev/full")
        .withMessageContaining("No space left on device");
    assertThat(Files.isRegularFile(full)).isFalse();
    assertThat(full).exists();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDiskThatFillsUpIsNamed() throws Exception {
    Ffmpeg.load();
    try (FileOutput output = new FileOutput(Path.of("/dev/full"))) {
      org.bytedeco.ffmpeg.global.avformat.avio_w8(output.stream(), 1);

      assertThatExceptionOfType(FfmpegException.class)
          .isThrownBy(output::finish)
          .withMessageContaining("No space left on device");
    }
  }

  @Test
  void pngFilesReplaceNothing() throws IOException {
    Path target = Files.createDirectory(folder.resolve("clip"));
    Video video = Clips.gradients(16, 16, 11, 8);
    VideoWriter.pngFiles().write(video, target);

    assertThat(target.toFile().list()).hasSize(11).contains("frame-0011.png");
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.pngFiles().write(video, target))
        .withMessageContaining("the folder is not empty");
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(() -> VideoWriter.pngFiles().toBytes(video))
        .withMessageContaining("write them to a path");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void nothingNativeStaysBehind(VideoFormat format) throws IOException {
    Video video = Clips.gradients(64, 64, 2, 8);
    roundTripOrWrite(format, video);
    long objects = Pointer.totalCount();
    for (int i = 0; i < 5; i++) {
      roundTripOrWrite(format, video);
    }

    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
  }

  private void roundTripOrWrite(VideoFormat format, Video video) throws IOException {
    deleteAll();
    if (format == VideoFormat.WEBP) {
      VideoWriter.webp().write(video, file(format));
    } else {
      roundTrip(VideoWriter.of(format), video);
    }
  }
}
