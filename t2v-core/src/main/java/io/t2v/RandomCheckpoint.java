package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.t2v.internal.autoencoder.AutoencoderKl;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizerFiles;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.internal.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Random weights for the configs of a checkpoint in diffusers' layout: a model that generates noise
 * in the time and memory of a real one, for benchmarks and tests.
 *
 * <p>Every parameter is drawn, biases as well, and scaled so that activations stay finite. The same
 * seed gives the same weights on every machine. Immutable.
 */
public final class RandomCheckpoint {
  private final Path folder;
  private final String dtype;
  private final Map<String, Map<String, long[]>> shapesOfFile;

  private RandomCheckpoint(
      Path folder, String dtype, Map<String, Map<String, long[]>> shapesOfFile) {
    this.folder = folder;
    this.dtype = dtype;
    this.shapesOfFile = shapesOfFile;
  }

  /**
   * Lists the parameters of a checkpoint that has no weights yet.
   *
   * @param folder with {@code text_encoder/config.json}, {@code unet/config.json} and {@code
   *     vae/config.json}
   * @param dtype how weights are stored, {@code F32} or {@code F16}
   * @return to be written
   * @throws IllegalArgumentException if the dtype is another
   * @throws io.t2v.checkpoint.CheckpointException if a config is missing or damaged
   */
  public static RandomCheckpoint in(Path folder, String dtype) {
    checkArgument(
        dtype.equals("F32") || dtype.equals("F16"), "dtype is %s, expected F32 or F16", dtype);
    Map<String, Map<String, long[]>> shapes = new LinkedHashMap<>();
    shapes.put(
        "text_encoder/model.safetensors",
        shapes(folder.resolve("text_encoder"), ClipTextEncoder::listParameters));
    shapes.put(
        "unet/diffusion_pytorch_model.safetensors",
        shapes(folder.resolve("unet"), UnetDenoiser::listParameters));
    shapes.put(
        "vae/diffusion_pytorch_model.safetensors",
        shapes(folder.resolve("vae"), AutoencoderKl::listParameters));
    return new RandomCheckpoint(folder, dtype, ImmutableMap.copyOf(shapes));
  }

  private interface Network {
    void listParameters(JsonConfig config, Weights.ParameterListener listener);
  }

  private static Map<String, long[]> shapes(Path component, Network network) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    network.listParameters(JsonConfig.read(component.resolve("config.json")), shapes::put);
    return shapes;
  }

  /**
   * Returns the number of parameters of all networks, the autoencoder's encoder included.
   *
   * @return some 1.8 billion at the size of ModelScope's model
   */
  public long parameters() {
    return shapesOfFile.values().stream()
        .flatMap(shapes -> shapes.values().stream())
        .mapToLong(shape -> LongStream.of(shape).reduce(1, (a, b) -> a * b))
        .sum();
  }

  /**
   * Returns the size of the weights.
   *
   * @return bytes
   */
  public long bytes() {
    return parameters() * (dtype.equals("F32") ? Float.BYTES : Short.BYTES);
  }

  /**
   * Writes weights and tokenizer files into the folder.
   *
   * @param seed which weights
   * @param progress told how many bytes of weights are written; what it throws ends the writing
   * @throws IOException if they cannot be written
   */
  public void write(long seed, LongConsumer progress) throws IOException {
    ClipTokenizerFiles.write(folder.resolve("tokenizer"));
    long before = 0;
    for (Map.Entry<String, Map<String, long[]>> file : shapesOfFile.entrySet()) {
      Path path = folder.resolve(file.getKey());
      long written = before;
      RandomWeights.write(
          path, file.getValue(), seed, dtype, bytes -> progress.accept(written + bytes));
      before += Files.size(path);
    }
  }
}
