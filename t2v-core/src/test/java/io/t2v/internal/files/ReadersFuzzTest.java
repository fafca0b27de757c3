package io.t2v.internal.files;

import io.t2v.testing.Fuzzing;
import io.t2v.testing.GoldenModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The readers of safetensors, pickles, configs and tokenizers read or refuse any bytes. */
class ReadersFuzzTest {
  private static final List<String> SEEDS =
      List.of(
          "golden/pickles/features.safetensors",
          "golden/pickles/features.bin",
          "golden/pickles/features-legacy.bin",
          "golden/pickles/features-legacy-protocol-4.bin",
          "golden/models/one-level/model_index.json",
          "golden/models/one-level/unet/config.json",
          "golden/models/one-level/tokenizer/merges.txt",
          "golden/models/one-level/tokenizer/vocab.json");

  @TempDir Path folder;

  @Test
  void readOrRefuseAnyBytes() throws Exception {
    GoldenModel.write("one-level", folder.resolve("model"));
    Fuzzing fuzzing = new Fuzzing(ReadersFuzz.class, folder);
    for (String seed : SEEDS) {
      fuzzing.seed(seed.replace('/', '-'), Files.readAllBytes(Fuzzing.resource(seed)));
    }
    fuzzing.assertNothingBreaks(
        4_000, "io.t2v.internal.files.**:io.t2v.internal.io.**:io.t2v.internal.clip.**");
  }
}
