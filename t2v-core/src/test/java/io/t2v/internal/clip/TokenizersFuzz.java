package io.t2v.internal.clip;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.DamagedFolder;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.GoldenModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tokenizer folders of which one file is damaged; those that load encode a text. */
public final class TokenizersFuzz implements FuzzedReader {
  private static final String UNIFIED =
      """
      {"model": {"vocab": {"!": 0, "a": 1, "a</w>": 2, "b</w>": 3, "ab</w>": 4,
                           "<|startoftext|>": 5, "<|endoftext|>": 6},
                 "merges": ["a b</w>"]}}
      """;

  private Path folder = Path.of("");
  private @Nullable DamagedFolder damaged;
  private @Nullable DamagedFolder damagedUnified;

  @Override
  public Map<String, byte[]> start(Path scratch) throws IOException {
    folder = GoldenModel.write("one-level", scratch.resolve("model")).resolve("tokenizer");
    Path unified = Files.createDirectory(scratch.resolve("unified"));
    damagedUnified =
        new DamagedFolder(List.of(Files.writeString(unified.resolve("tokenizer.json"), UNIFIED)));
    damaged =
        new DamagedFolder(
            Stream.of(
                    "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json")
                .map(folder::resolve)
                .toList());
    Map<String, byte[]> seeds = damaged.seeds();
    damagedUnified.seeds().forEach((name, seed) -> seeds.put("unified-" + name, seed));
    return seeds;
  }

  @Override
  public void read(byte[] input) throws IOException {
    damaged.read(input, file -> load(folder));
    damagedUnified.read(input, file -> load(folder.resolveSibling("../unified").normalize()));
  }

  private static void load(Path folder) {
    try {
      ClipTokenizer.load(folder).tokenize("A red circle, aab <|endoftext|>é\uD83D\uDE00 !");
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
