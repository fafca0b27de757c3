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
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Pickles of PyTorch files, in an intact zip file with one storage of 64 bytes. */
public final class PicklesFuzz implements FuzzedReader {
  private static final byte[] STORAGE = new byte[64];

  private Path file = Path.of("");

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    file = folder.resolve("input.bin");
    Map<String, byte[]> seeds = new HashMap<>();
    RawPickle tensor = new RawPickle().tensor("0", 16, 0, new long[] {4, 4}, new long[] {4, 1});
    seeds.put("one", new RawPickle().ops("}").text("a").then(tensor).ops("s").stop());
    for (String name : new String[] {"features.bin", "features-protocol-5.bin", "module.bin"}) {
      seeds.put(name, pickle(Fuzzing.resource("golden/pickles/" + name)));
    }
    return seeds;
  }

  private static byte[] pickle(Path torchFile) throws IOException {
    try (ZipFile zip = new ZipFile(torchFile.toFile())) {
      ZipEntry entry =
          zip.stream().filter(any -> any.getName().endsWith("data.pkl")).findAny().orElseThrow();
      return zip.getInputStream(entry).readAllBytes();
    }
  }

  @Override
  public void read(byte[] pickle) throws IOException {
    Files.write(file, RawTorchFile.zip(pickle, STORAGE));
    try {
      TensorFormat.open(file);
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
