package io.t2v;

import com.google.common.primitives.Bytes;
import io.t2v.testing.Fuzzing;
import io.t2v.testing.GoldenModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pipelines on damaged checkpoints fail as docs/security.md says, or generate. */
class BuildsFuzzTest {
  @TempDir Path folder;

  @Test
  void failAsDocumentedWhateverIsInAFile() throws Exception {
    Fuzzing fuzzing = new Fuzzing(BuildsFuzz.class, folder);
    List<Path> files = BuildsFuzz.files(GoldenModel.write("one-level", folder.resolve("model")));
    for (int i = 0; i < files.size(); i++) {
      byte[] content = Files.readAllBytes(files.get(i));
      fuzzing.seed("whole-" + i, Bytes.concat(new byte[] {(byte) i}, content));
      fuzzing.seed("option-" + i, new byte[] {(byte) (BuildsFuzz.OPTIONS + i), 0, 0});
    }
    fuzzing.assertNothingBreaks(100, "io.t2v.**");
  }
}
