package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.t2v.Video;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When frames are shown, in files of every kind. */
class FrameTimingTest {
  private static final VideoReader READER = VideoReader.create();

  @TempDir Path folder;

  private static List<Integer> range(int end) {
    return IntStream.range(0, end).boxed().toList();
  }

  @ParameterizedTest
  @CsvSource({
    "mpeg4, avi",
    "mpeg4, mp4",
    "mpeg4, matroska",
    "mpeg2video, mpegts",
    "mpeg2video, mpeg"
  })
  void framesThatAreDecodedOutOfOrderKeepTheirTimes(String codec, String format)
      throws IOException, FfmpegException {
    Path file = new MadeClip(codec, format).bFrames(2).write(folder.resolve("clip"), 48);

    Video own = READER.read(file);
    Video halved = READER.withFramesPerSecond(12).read(file);
    Video same = READER.withFramesPerSecond(24).read(file);

    assertThat(own.framesPerSecond()).isEqualTo(24);
    assertThat(MadeClip.numbers(own)).isEqualTo(range(48));
    assertThat(MadeClip.numbers(same)).isEqualTo(range(48));
    assertThat(MadeClip.numbers(halved))
        .isEqualTo(IntStream.range(0, 24).mapToObj(i -> 2 * i).toList());
  }

  /** Frame 9 is seen until frame 10 comes, eleven ticks later. */
  @ParameterizedTest
  @ValueSource(strings = {"mp4", "matroska", "avi"})
  void aFrameIsSeenUntilTheNextOneComes(String format) throws IOException, FfmpegException {
    long[] times = LongStream.concat(LongStream.range(0, 10), LongStream.range(21, 48)).toArray();
    int bFrames = format.equals("avi") ? 0 : 2;
    Path file = new MadeClip("mpeg4", format).bFrames(bFrames).write(folder.resolve("clip"), times);
    List<Integer> expected = new ArrayList<>(range(10));
    for (int i = 0; i < 11; i++) {
      expected.add(9);
    }
    IntStream.range(10, 37).forEach(expected::add);

    Video resampled = READER.withFramesPerSecond(24).read(file);

    assertThat(MadeClip.numbers(resampled)).isEqualTo(expected);
    assertThat(resampled.framesPerSecond()).isEqualTo(24);
    Video own = READER.read(file);
    assertThat(MadeClip.numbers(own)).isEqualTo(range(37));
    assertThat(own.framesPerSecond()).isCloseTo(18.5, within(0.01));
  }

  @Test
  void slidesChangeWhenTheyAreMeantTo() throws IOException, FfmpegException {
    Path file =
        new MadeClip("mpeg4", "mp4")
            .bFrames(2)
            .write(folder.resolve("slides"), 0, 1, 13, 30, 31, 40, 59);

    Video resampled = READER.withFramesPerSecond(24).read(file);

    List<Integer> numbers = MadeClip.numbers(resampled);
    assertThat(IntStream.of(0, 1, 13, 30, 31, 40, 59).mapToObj(numbers::get)).isEqualTo(range(7));
    assertThat(IntStream.of(12, 29, 39, 58).mapToObj(numbers::get).toList())
        .containsExactly(1, 2, 4, 5);
    assertThat(resampled.frameCount()).isEqualTo(60);
  }

  @Test
  void roundedTimesOfMatroskaAndGifDoNotRepeatFrames() throws IOException {
    Video video = Clips.paint(16, 16, 48, 24, (x, y, t) -> 5 * t << 16);
    for (VideoFormat format : List.of(VideoFormat.MKV, VideoFormat.GIF)) {
      Path file = folder.resolve("clip" + format);
      VideoWriter.of(format).write(video, file);

      Video back = READER.withFramesPerSecond(24).read(file);

      assertThat(back.frameCount()).isEqualTo(48);
      for (int t = 0; t < 48; t++) {
        assertThat(back.rgb(t)[0] & 0xff).isCloseTo(5 * t, within(3));
      }
    }
  }

  @Test
  void matroskaMayStartLate() throws IOException, FfmpegException {
    Path file =
        new MadeClip("mpeg4", "matroska")
            .bFrames(2)
            .write(folder.resolve("late.mkv"), LongStream.range(240, 288).toArray());

    Video video = READER.read(file);

    assertThat(MadeClip.numbers(video)).isEqualTo(range(48));
    assertThat(MadeClip.numbers(READER.between(1, 1.5).read(file)))
        .isEqualTo(IntStream.range(24, 36).boxed().toList());
  }

  @Test
  void flashMayShowFramesLaterThanItDecodesThem() throws IOException, FfmpegException {
    Path file =
        new MadeClip("libopenh264", "flv").shownLater(2).write(folder.resolve("clip.flv"), 24);

    assertThat(MadeClip.numbers(READER.read(file))).isEqualTo(range(24));
    Path cut = Files.write(folder.resolve("cut.flv"), firstTags(Files.readAllBytes(file), 15));
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> READER.read(cut))
        .withMessageMatching(".*it ends after 0\\.\\d\\d of 1\\.0\\d seconds: it was cut off");
  }

  /** Cuts a file after some of its tags, which begin with a type and a length of three bytes. */
  private static byte[] firstTags(byte[] flash, int tags) {
    int at = 13;
    for (int i = 0; i < tags; i++) {
      at += 11 + (ByteBuffer.wrap(flash).getInt(at) & 0xffffff) + 4;
    }
    return Arrays.copyOf(flash, at);
  }

  /** The last slide is long, and Matroska tells the length of the whole alone. */
  @Test
  void theLastFrameMayBeLong() throws IOException, FfmpegException {
    Path file =
        new MadeClip("mpeg4", "matroska").lastFor(72).write(folder.resolve("slides.mkv"), 0, 24);

    Video video = READER.withFramesPerSecond(4).read(file);

    assertThat(MadeClip.numbers(video))
        .containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mpegts", "mpeg"})
  void recordingsJoinedEndToEndPlayOneAfterTheOther(String format)
      throws IOException, FfmpegException {
    Path one = new MadeClip("mpeg2video", format).bFrames(2).write(folder.resolve("one"), 48);
    Path joined = folder.resolve("joined");
    try (OutputStream out = Files.newOutputStream(joined)) {
      Files.copy(one, out);
      Files.copy(one, out);
    }
    List<Integer> twice = new ArrayList<>(range(48));
    twice.addAll(range(48));

    Video video = READER.read(joined);

    assertThat(video.framesPerSecond()).isEqualTo(24);
    assertThat(MadeClip.numbers(video)).isEqualTo(twice);
    assertThat(MadeClip.numbers(READER.withFramesPerSecond(24).read(joined))).isEqualTo(twice);
  }

  @Test
  void whatComesAfterTheLastWantedFrameDoesNotMatter() throws IOException {
    byte[] whole = VideoWriter.mp4().toBytes(Clips.noisy(64, 64, 16));
    Path cut = folder.resolve("cut.mp4");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));

    assertThat(READER.withFrames(4).read(cut).frameCount()).isEqualTo(4);
  }
}
