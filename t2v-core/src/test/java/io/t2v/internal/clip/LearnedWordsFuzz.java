package io.t2v.internal.clip;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Files of learned words. */
public final class LearnedWordsFuzz implements FuzzedReader {
  private Path file = Path.of("");

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    file = folder.resolve("input.bin");
    Path word = folder.resolve("word.safetensors");
    RandomWeights.write(word, Map.of("<a>", new long[] {2, 24}), 1, "F32");
    return Map.of(
        "safetensors",
        Files.readAllBytes(word),
        "pickle",
        Files.readAllBytes(Fuzzing.resource("golden/pickles/word.pt")));
  }

  @Override
  public void read(byte[] content) throws IOException {
    Files.write(file, content);
    try {
      LearnedWordFile.read(file);
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
