package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.Fuzzing;
import io.t2v.testing.RawPickle;
import io.t2v.testing.RawTorchFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whole files of weights: safetensors, PyTorch's zip and the format before it, or anything. */
public final class WeightFilesFuzz implements FuzzedReader {
  private static final List<String> GOLDEN =
      List.of(
          "features.safetensors",
          "features.bin",
          "features-legacy.bin",
          "features-legacy-protocol-4.bin",
          "word.pt");

  private Path file = Path.of("");

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    file = folder.resolve("input");
    Map<String, byte[]> seeds = new HashMap<>();
    for (String name : GOLDEN) {
      seeds.put(name, Files.readAllBytes(Fuzzing.resource("golden/pickles/" + name)));
    }
    RawPickle tensor = new RawPickle().tensor("0", 4, 0, new long[] {4}, new long[] {1});
    byte[] pickle = new RawPickle().ops("}").text("a").then(tensor).ops("s").stop();
    Map<String, byte[]> entries = Map.of("a/data.pkl", pickle, "a/data/0", new byte[16]);
    seeds.put("zip", RawTorchFile.zip(entries));
    seeds.put("zip-64", RawTorchFile.zip(entries, true));
    return seeds;
  }

  @Override
  public void read(byte[] content) throws IOException {
    Files.write(file, content);
    try {
      TensorFormat.open(file);
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
