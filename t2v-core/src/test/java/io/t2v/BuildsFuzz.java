package io.t2v;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.DamagedFolder;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.GoldenModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whole pipelines are built on checkpoints of which one file is damaged, and those that build
 * generate a frame. Whatever is in the file, no exception comes out that docs/security.md does not
 * list for its place.
 */
public final class BuildsFuzz implements FuzzedReader {
  private static final GenerationRequest REQUEST =
      GenerationRequest.builder("a red circle").steps(1).frames(1).seed(1).build();

  private Path model = Path.of("");
  private @Nullable DamagedFolder damaged;

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    model = GoldenModel.write("one-level", folder.resolve("model"));
    try (Stream<Path> files = Files.walk(model)) {
      damaged = new DamagedFolder(files.filter(Files::isRegularFile).sorted().toList());
    }
    return damaged.seeds();
  }

  @Override
  public void read(byte[] input) throws IOException {
    damaged.read(input, file -> buildAndGenerate());
  }

  private void buildAndGenerate() {
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(model).threads(1).memoryLimit(1L << 28).build()) {
      generate(pipeline);
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }

  private static void generate(TextToVideoPipeline pipeline) {
    try {
      pipeline.generate(REQUEST);
    } catch (IllegalArgumentException
        | InsufficientMemoryException
        | NonFiniteValueException
        | CheckpointException e) {
      // refused, as it should be
    }
  }
}
