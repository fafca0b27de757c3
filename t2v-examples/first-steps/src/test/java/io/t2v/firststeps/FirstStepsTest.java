package io.t2v.firststeps;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.ffmpeg.VideoReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs do what they say. */
class FirstStepsTest {
  @TempDir Path folder;

  @Test
  void batchWritesAFileAPrompt() throws IOException {
    BatchOfPrompts.main(new String[] {folder.toString()});

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("video-1.mp4", "video-2.mp4", "video-3.mp4");
    }
    assertThat(VideoReader.create().read(folder.resolve("video-1.mp4")).frameCount()).isEqualTo(8);
  }

  @Test
  void aModelWithAdaptersWritesAVideo() throws IOException {
    Path file = folder.resolve("jumping.mp4");
    UseAdapters.main(new String[] {file.toString()});
    assertThat(VideoReader.create().read(file).frameCount()).isEqualTo(8);
  }

  @Test
  void progressIsShownUntilItIsCancelled() throws InterruptedException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      WatchProgress.main(new String[0]);
    } finally {
      System.setOut(out);
    }

    assertThat(written.toString(StandardCharsets.UTF_8).lines())
        .contains("  0 %", " 50 %")
        .doesNotContain("100 %")
        .endsWith("stopped");
  }
}
