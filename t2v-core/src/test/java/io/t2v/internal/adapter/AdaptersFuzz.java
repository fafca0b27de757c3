package io.t2v.internal.adapter;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.DamagedFolder;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files of adapters, of each format that is known, and PEFT's config beside one. */
public final class AdaptersFuzz implements FuzzedReader {
  private static final List<String> GOLDEN =
      List.of(
          "peft/adapter_config.json",
          "peft/adapter_model.safetensors",
          "diffusers.safetensors",
          "diffusers-old.safetensors",
          "kohya.safetensors",
          "list.safetensors",
          "list-text.pt",
          "processors.bin",
          "stable.safetensors",
          "webui_stable.safetensors");

  private final List<Path> files = new ArrayList<>();
  private @Nullable DamagedFolder damaged;

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    Files.createDirectory(folder.resolve("peft"));
    for (String name : GOLDEN) {
      files.add(Files.copy(Fuzzing.resource("golden/adapters/" + name), folder.resolve(name)));
    }
    damaged = new DamagedFolder(files);
    return damaged.seeds();
  }

  @Override
  public void read(byte[] input) throws IOException {
    damaged.read(
        input, file -> load(file.endsWith("adapter_config.json") ? file.getParent() : file));
  }

  private static void load(Path path) {
    try {
      AdapterFile.read(path);
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
