package io.t2v.cli.keyframes;

import io.t2v.testing.Fuzzing;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any text is read as weights of frames, or refused with an IllegalArgumentException. */
class FuzzTest {
  @TempDir Path folder;

  @Test
  void readsOrRefusesAnyText() throws Exception {
    Fuzzing.assertNothingBreaks(FrameWeightsFuzz.class, folder);
  }
}
