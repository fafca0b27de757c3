package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Video;
import io.t2v.Watermark;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Marks survive what encoders do at their default quality. */
class WatermarkedFilesTest {
  private static final long PAYLOAD = 0xfeedfacecafebeefL;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(names = {"MP4", "GIF"})
  void marksAreReadFromFiles(VideoFormat format) throws IOException {
    Path file = folder.resolve("a" + format.endings().get(0));
    for (Video clip : new Video[] {Clips.noisy(64, 64, 8), Clips.flat(0x2040a0, 64, 64, 4)}) {
      VideoWriter.of(format).write(Watermark.write(clip, PAYLOAD), file);

      assertThat(Watermark.read(VideoReader.create().read(file))).hasValue(PAYLOAD);
      VideoWriter.of(format).write(clip, file);
      assertThat(Watermark.read(VideoReader.create().read(file))).isEmpty();
    }
  }
}
