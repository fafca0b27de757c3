package io.t2v.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFilesTest {
  @TempDir Path folder;

  /** The video is written to the place that the link names, and the link stays. */
  @Test
  void takesALinkToAFileThatIsNotThereYet() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link.mp4"), Path.of("real.mp4"));

    assertThatCode(() -> OutputFiles.requireWritable(link, false)).doesNotThrowAnyException();
    assertThat(link).isSymbolicLink();
    assertThat(folder.resolve("real.mp4")).doesNotExist();
  }
}
