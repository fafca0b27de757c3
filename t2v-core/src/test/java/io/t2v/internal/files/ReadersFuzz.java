package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.clip.ClipTokenizer;
import io.t2v.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Jazzer calls with bytes that it makes up, guided by which branches they reach: any bytes at
 * all are read, or refused with a {@link CheckpointException}. They are tried as a file of weights,
 * as JSON, and, chosen by their length, as one file of the checkpoint {@code model}.
 */
public final class ReadersFuzz {
  private static final List<String> CONFIGS =
      List.of(
          "model_index.json",
          "unet/config.json",
          "vae/config.json",
          "text_encoder/config.json",
          "scheduler/scheduler_config.json");

  private static final List<String> TOKENIZERS =
      List.of("tokenizer/vocab.json", "tokenizer/merges.txt", "tokenizer/tokenizer_config.json");

  private ReadersFuzz() {}

  /** Jazzer looks for this name. */
  public static void fuzzerTestOneInput(byte[] content) throws IOException {
    Path folder = Path.of(System.getProperty(Fuzzing.FOLDER));
    Path file = Files.write(folder.resolve("input"), content);
    readOrRefuse(() -> TensorFormat.open(file));
    readOrRefuse(() -> JsonConfig.read(file).requireAllRead());
    Path model = folder.resolve("model");
    int place = content.length % (CONFIGS.size() + TOKENIZERS.size());
    if (place < CONFIGS.size()) {
      replaced(
          model.resolve(CONFIGS.get(place)),
          content,
          () -> CheckpointInspector.inspect(model, null));
    } else {
      replaced(
          model.resolve(TOKENIZERS.get(place - CONFIGS.size())),
          content,
          () -> ClipTokenizer.load(model.resolve("tokenizer")).encode("a red circle"));
    }
  }

  private static void replaced(Path file, byte[] content, Runnable reading) throws IOException {
    byte[] original = Files.readAllBytes(file);
    Files.write(file, content);
    try {
      readOrRefuse(reading);
    } finally {
      Files.write(file, original);
    }
  }

  private static void readOrRefuse(Runnable reading) {
    try {
      reading.run();
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
