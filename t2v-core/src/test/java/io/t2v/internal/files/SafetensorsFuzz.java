package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.Fuzzing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Headers of safetensors, with their true length in front, and 64 bytes of numbers. */
public final class SafetensorsFuzz implements FuzzedReader {
  private static final int DATA_BYTES = 64;
  private static final String HEADER =
      """
      {"__metadata__": {"format": "pt"},
       "a": {"dtype": "F32", "shape": [2, 4], "data_offsets": [0, 32]},
       "b": {"dtype": "BF16", "shape": [], "data_offsets": [32, 34]}}
      """;

  private Path file = Path.of("");

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    file = folder.resolve("input.safetensors");
    byte[] golden = Files.readAllBytes(Fuzzing.resource("golden/pickles/features.safetensors"));
    int length = Math.toIntExact(ByteBuffer.wrap(golden).order(ByteOrder.LITTLE_ENDIAN).getLong());
    Map<String, byte[]> seeds = new HashMap<>();
    seeds.put("two", HEADER.getBytes(StandardCharsets.UTF_8));
    seeds.put("golden", Arrays.copyOfRange(golden, Long.BYTES, Long.BYTES + length));
    return seeds;
  }

  @Override
  public void read(byte[] header) throws IOException {
    Files.write(
        file,
        ByteBuffer.allocate(Long.BYTES + header.length + DATA_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array());
    try {
      TensorFormat.open(file);
    } catch (CheckpointException e) {
      // refused, as it should be
    }
  }
}
