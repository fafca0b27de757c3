package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.VideoInfo;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that take frames one by one. */
class VideoStreamTest {
  private static final int SIDE = 32;

  @TempDir Path folder;

  private static VideoInfo clip(int frames) {
    return new VideoInfo(
        SIDE, SIDE, frames, 8, new Provenance(Map.of(Provenance.PROMPT, "a panda"), Map.of()));
  }

  private static byte[] frame(int shade) {
    byte[] rgb = new byte[SIDE * SIDE * 3];
    Arrays.fill(rgb, (byte) (shade * 16));
    return rgb;
  }

  @ParameterizedTest
  @CsvSource({"GIF, a.gif, a-1.gif", "PNG_FILES, frames, frames-1"})
  void aFileThatAppearedMeanwhileIsNotReplaced(VideoFormat format, String name, String other)
      throws IOException {
    Video video = Clips.flat(0x123456, 64, 64, 1);
    Path file = folder.resolve(name);
    try (VideoStream stream = VideoWriter.of(format).withoutReplacing().open(file)) {
      stream.begin(VideoInfo.of(video));
      stream.frame(video.rgb(0));
      Path precious =
          format == VideoFormat.PNG_FILES
              ? Files.createDirectory(file).resolve("precious.txt")
              : file;
      Files.writeString(precious, "precious");
      stream.end();

      assertThat(precious).hasContent("precious");
      assertThat(stream.written()).containsExactly(folder.resolve(other));
      assertThat(folder.toFile().list()).containsExactlyInAnyOrder(name, other);
    }
  }

  @Test
  void aThousandFramesAreNeverHeld() throws IOException {
    List<WeakReference<byte[]>> frames = new ArrayList<>();
    try (VideoStream stream = VideoWriter.mp4().open(folder.resolve("long.mp4"))) {
      stream.begin(clip(1000));
      for (int i = 0; i < 1000; i++) {
        byte[] frame = frame(i % 16);
        frames.add(new WeakReference<>(frame));
        stream.frame(frame);
      }
      System.gc();
      assertThat(frames.stream().filter(frame -> frame.get() != null).count()).isLessThan(3);
      stream.end();
    }
    assertThat(VideoReader.create().read(folder.resolve("long.mp4")).frameCount()).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.mp4", "a.webm", "a.mov", "a.mkv", "a.gif", "a.apng", "a"})
  void framesSoFarMakeAFile(String name) throws IOException {
    VideoWriter writer =
        name.equals("a") ? VideoWriter.pngFiles() : VideoWriter.forFile(Path.of(name));
    Path file = folder.resolve(name);
    try (VideoStream stream = writer.open(file)) {
      stream.begin(clip(12));
      for (int i = 0; i < 5; i++) {
        stream.frame(frame(i));
      }
      assertThat(stream.endEarly()).isEqualTo(5);
    }
    assertThat(VideoReader.create().read(file).frameCount()).isEqualTo(5);
  }

  @Test
  void noFrameMakesNoFile() throws IOException {
    try (VideoStream stream = VideoWriter.mp4().open(folder.resolve("a.mp4"))) {
      assertThat(stream.endEarly()).isZero();
      stream.begin(clip(12));
      assertThat(stream.endEarly()).isZero();
    }
    assertThat(folder).isEmptyDirectory();
  }
}
