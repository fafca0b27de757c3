package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.DamagedFolder;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.GoldenModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checkpoints of which one config is damaged are inspected. */
public final class ConfigsFuzz implements FuzzedReader {
  private Path model = Path.of("");
  private @Nullable DamagedFolder damaged;

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    model = GoldenModel.write("one-level", folder.resolve("model"));
    damaged =
        new DamagedFolder(
            Stream.of(
                    "model_index.json",
                    "unet/config.json",
                    "vae/config.json",
                    "text_encoder/config.json",
                    "scheduler/scheduler_config.json",
                    "tokenizer/tokenizer_config.json",
                    "tokenizer/special_tokens_map.json")
                .map(model::resolve)
                .toList());
    return damaged.seeds();
  }

  @Override
  public void read(byte[] input) throws IOException {
    damaged.read(
        input,
        file -> {
          try {
            CheckpointInspector.inspect(model, null);
          } catch (CheckpointException e) {
            // refused, as it should be
          }
        });
  }
}
