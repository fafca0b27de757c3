package io.t2v.ffmpeg;

import io.t2v.testing.Fuzzing;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes are read as a video, or refused with a VideoReadException. */
class FuzzTest {
  @TempDir Path folder;

  @Test
  void readsOrRefusesAnyBytes() throws Exception {
    Fuzzing.assertNothingBreaks(VideosFuzz.class, folder);
  }
}
