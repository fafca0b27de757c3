package io.t2v;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.internal.autoencoder.AutoencoderKl;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizerFiles;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.internal.weights.RandomWeights;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * A checkpoint of the published model's size and layout, 1.7 billion parameters, whose weights are
 * random: what it generates is noise, but it takes the time and the memory of the real one.
 *
 * <p>All parameters are different from zero somewhere, and scaled so that activations stay finite.
 * The reference reads it as well, and {@code docs/reference/make_checkpoint.py full-size} writes
 * the same weights for the same seed.
 */
public final class FullSizeCheckpoint {
  private static final String RESOURCES = "full-size/";
  private static final String INDEX = "model_index.json";
  private static final List<String> CONFIGS =
      List.of(
          "scheduler/scheduler_config.json",
          "text_encoder/config.json",
          "tokenizer/special_tokens_map.json",
          "tokenizer/tokenizer_config.json",
          "unet/config.json",
          "vae/config.json");

  private final String dtype;
  private final Map<String, Map<String, long[]>> shapesOfFile;

  /**
   * Lists the parameters.
   *
   * @param dtype how weights are stored, {@code F32} or {@code F16}
   * @throws IllegalArgumentException if the dtype is another
   */
  public FullSizeCheckpoint(String dtype) {
    if (!dtype.equals("F32") && !dtype.equals("F16")) {
      throw new IllegalArgumentException("dtype is " + dtype + ", expected F32 or F16");
    }
    this.dtype = dtype;
    Map<String, long[]> text = new LinkedHashMap<>();
    Map<String, long[]> unet = new LinkedHashMap<>();
    Map<String, long[]> vae = new LinkedHashMap<>();
    ClipTextEncoder.listParameters(config("text_encoder/config.json"), text::put);
    UnetDenoiser.listParameters(config("unet/config.json"), unet::put);
    AutoencoderKl.listParameters(config("vae/config.json"), vae::put);
    shapesOfFile = new LinkedHashMap<>();
    shapesOfFile.put("text_encoder/model.safetensors", text);
    shapesOfFile.put("unet/diffusion_pytorch_model.safetensors", unet);
    shapesOfFile.put("vae/diffusion_pytorch_model.safetensors", vae);
  }

  private static JsonConfig config(String name) {
    try (InputStream in = resource(name)) {
      return JsonConfig.of(RESOURCES + name, JSON.std.mapFrom(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream in = FullSizeCheckpoint.class.getResourceAsStream(RESOURCES + name);
    if (in == null) {
      throw new FileNotFoundException("the resource " + RESOURCES + name + " is missing");
    }
    return in;
  }

  /**
   * Returns the number of parameters of all networks.
   *
   * @return some 1.8 billion, the encoder of the autoencoder included
   */
  public long parameters() {
    return shapesOfFile.values().stream()
        .flatMap(shapes -> shapes.values().stream())
        .mapToLong(shape -> LongStream.of(shape).reduce(1, (a, b) -> a * b))
        .sum();
  }

  /**
   * Returns how much room the weights take.
   *
   * @return bytes
   */
  public long bytes() {
    return parameters() * (dtype.equals("F32") ? Float.BYTES : Short.BYTES);
  }

  /**
   * Writes the checkpoint. Its index comes last: a folder that has one is complete.
   *
   * @param folder to be filled; made if it does not exist
   * @param seed which weights
   * @param progress told how many bytes of weights are written; what it throws ends the writing
   * @throws IOException if it cannot be written
   */
  public void write(Path folder, long seed, LongConsumer progress) throws IOException {
    for (String name : CONFIGS) {
      copy(name, folder);
    }
    ClipTokenizerFiles.write(folder.resolve("tokenizer"));
    long[] before = {0};
    for (Map.Entry<String, Map<String, long[]>> file : shapesOfFile.entrySet()) {
      Path path = folder.resolve(file.getKey());
      RandomWeights.write(
          path, file.getValue(), seed, dtype, bytes -> progress.accept(before[0] + bytes));
      before[0] += Files.size(path);
    }
    copy(INDEX, folder);
  }

  private static void copy(String name, Path folder) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (InputStream in = resource(name)) {
      Files.copy(in, file);
    }
  }
}
