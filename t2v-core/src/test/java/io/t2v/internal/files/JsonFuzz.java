package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Any bytes in the place of a JSON file. */
public final class JsonFuzz implements FuzzedReader {
  private Path file = Path.of("");

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    file = folder.resolve("input.json");
    return Map.of(
        "unet", Files.readAllBytes(Fuzzing.resource("golden/models/one-level/unet/config.json")));
  }

  @Override
  public void read(byte[] content) throws IOException {
    Files.write(file, content);
    try {
      JsonConfig.read(file).requireAllRead();
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
