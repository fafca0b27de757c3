package io.t2v;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.hash.Hashing;
import io.t2v.internal.files.StateFile;
import io.t2v.internal.torch.TensorScope;
import io.t2v.scheduler.DpmSolverMultistepScheduler;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.HostileOptions;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubTextEncoder;
import io.t2v.unet.LatentSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Files of saved runs, which are read, looked at and resumed. The first byte says whether the
 * others are the file, or put hostile values or tensors into one whose digest is right.
 */
public final class SavedRunsFuzz implements FuzzedReader {
  /** About as many values as there are. */
  private static final int OPTIONS = 40;

  private static final String FORMAT = "t2v-run-1";

  private Path file = Path.of("");
  private byte[] saved = {};
  private byte[] values = {};
  private @Nullable TextToVideoPipeline pipeline;

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    file = folder.resolve("run");
    pipeline =
        TextToVideoPipeline.builder()
            .textEncoder(new StubTextEncoder(6))
            .denoiser(new StubDenoiser(6, new LatentSize(1, 2)))
            .vaeDecoder(new StubDecoder(4))
            .scheduler(DpmSolverMultistepScheduler::fromConfig)
            .threads(1)
            .build();
    pipeline
        .prepare(GenerationRequest.builder("a").steps(2).frames(1).eta(0.5).seed(1).build())
        .saveRunTo(file)
        .toLatents();
    saved = Files.readAllBytes(file);
    int length = Math.toIntExact(ByteBuffer.wrap(saved).order(ByteOrder.LITTLE_ENDIAN).getLong());
    Map<?, ?> header = JSON.std.mapFrom(new String(saved, Long.BYTES, length, UTF_8));
    values = ((Map<?, ?>) header.get("__metadata__")).get("values").toString().getBytes(UTF_8);
    byte[] whole = new byte[1 + saved.length];
    System.arraycopy(saved, 0, whole, 1, saved.length);
    Map<String, byte[]> seeds = new HashMap<>();
    seeds.put("whole", whole);
    for (int option = 0; option < OPTIONS; option++) {
      seeds.put("tensor-" + option, new byte[] {2, (byte) (option / 7), (byte) option});
      seeds.put("null-" + option, new byte[] {1, (byte) option, 0});
      seeds.put("map-" + option, new byte[] {1, (byte) option, 19});
    }
    return seeds;
  }

  @Override
  public void read(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    switch (Math.floorMod(input[0], 3)) {
      case 0 -> Files.write(file, Arrays.copyOfRange(input, 1, input.length));
      case 1 -> Files.write(file, withDigest(HostileOptions.in(values, input, 1)));
      default -> writeWithHostileTensors(input);
    }
    try {
      SavedRun run = SavedRun.read(file);
      String unused = run.toString();
      run.videos();
      run.request();
      pipeline.resume(run).toLatents();
    } catch (SavedRunException e) {
      // refused, as it should be
    }
  }

  @Override
  public void close() {
    if (pipeline != null) {
      pipeline.close();
    }
  }

  /** Pairs of bytes: a tensor, and what stands in its place. */
  private void writeWithHostileTensors(byte[] choices) throws IOException {
    Files.write(file, saved);
    StateFile run = StateFile.read(file, FORMAT);
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> tensors = run.tensors();
      List<String> names = List.copyOf(tensors.keySet());
      for (int i = 1; i + 1 < choices.length; i += 2) {
        String name = names.get((choices[i] & 0xff) % names.size());
        Tensor original = run.tensors().get(name);
        tensors.put(
            name,
            switch (Math.floorMod(choices[i + 1], 7)) {
              case 0 -> torch.empty(new long[0]);
              case 1 -> torch.empty(0);
              case 2 -> original.unsqueeze(0);
              case 3 -> original.to(ScalarType.Long);
              case 4 -> original.mul(new Scalar(Double.NaN));
              case 5 -> torch.cat(new TensorVector(original.reshape(-1), original.reshape(-1)));
              default -> original.to(ScalarType.Double);
            });
        if (choices[i] < 0) {
          tensors.remove(name);
        }
      }
      StateFile.write(file, FORMAT, run.values(), tensors);
    }
  }

  /** A file without tensors. */
  private static byte[] withDigest(byte[] json) throws IOException {
    String text = new String(json, UTF_8);
    byte[] header =
        JSON.std.asBytes(
            Map.of(
                "__metadata__",
                Map.of(
                    "format",
                    FORMAT,
                    "values",
                    text,
                    "sha256",
                    Hashing.sha256().hashString(text, UTF_8).toString())));
    return ByteBuffer.allocate(Long.BYTES + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }
}
