package io.t2v.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.io.Resources;
import io.t2v.internal.clip.ClipTokenizerFiles;
import io.t2v.internal.weights.RandomWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * The small model that the golden data of ModelScope's layout was made with, in that layout and in
 * diffusers'. Its weights come from a recipe, by their original names.
 */
public final class ModelScopeModel {
  public static final String UNET = "text2video_pytorch_model.pth";
  public static final String CLIP = "open_clip_pytorch_model.bin";
  public static final String AUTOENCODER = "VQGAN_autoencoder.pth";

  private static final Map<String, Object> MODEL = Golden.json("modelscope/model");

  private ModelScopeModel() {}

  /** Writes the whole checkpoint in ModelScope's layout. */
  public static Path write(Path folder) {
    return write(folder, "F32");
  }

  /** Writes the whole checkpoint in ModelScope's layout, in F32 or F16. */
  public static Path write(Path folder, String dtype) {
    writeConfiguration(folder, map(MODEL, "configuration"));
    RawTorchFile.zip(folder.resolve(UNET), tensors(folder.resolve(UNET), "unet", dtype));
    RawTorchFile.zip(folder.resolve(CLIP), tensors(folder.resolve(CLIP), "clip", dtype));
    Path autoencoder = folder.resolve(AUTOENCODER);
    RawTorchFile.zip(
        autoencoder,
        tensors(autoencoder, "autoencoder", dtype).stream()
            .map(tensor -> tensor.named("state_dict." + tensor.name()))
            .toList());
    return folder;
  }

  /** Writes a configuration.json. */
  public static void writeConfiguration(Path folder, Map<String, Object> configuration) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("configuration.json"), JSON.std.asString(configuration));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The published configuration in small, to be changed. */
  public static Map<String, Object> configuration() {
    return copy(map(MODEL, "configuration"));
  }

  /** The same model's options as diffusers writes them. */
  public static Map<String, Object> diffusersConfig(String part) {
    return map(map(MODEL, "diffusers"), part);
  }

  /** For each tensor of a network under diffusers' names: the original name, and the first row. */
  public static Map<String, Object> origins(String part) {
    return map(map(MODEL, "origins"), part);
  }

  private static List<StoredTensor> tensors(Path scratch, String component, String dtype) {
    try {
      RandomWeights.write(scratch, shapes(component), seed(), dtype);
      return StoredTensor.read(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the checkpoint in diffusers' layout, with the same numbers, in F32 or F16. */
  public static Path writeDiffusers(Path folder, String dtype) {
    try {
      Files.createDirectories(folder.resolve("tokenizer"));
      Files.writeString(
          folder.resolve("model_index.json"),
          """
          {"_class_name": "TextToVideoSDPipeline",
           "scheduler": ["diffusers", "DDIMScheduler"],
           "text_encoder": ["transformers", "CLIPTextModel"],
           "tokenizer": ["transformers", "CLIPTokenizer"],
           "unet": ["diffusers", "UNet3DConditionModel"],
           "vae": ["diffusers", "AutoencoderKL"]}
          """);
      writeJson(folder, "scheduler", "scheduler_config.json");
      ClipTokenizerFiles.write(folder.resolve("tokenizer"));
      Files.writeString(
          folder.resolve("tokenizer/special_tokens_map.json"), "{\"pad_token\": \"!\"}");
      convert(folder, "unet", "unet", "diffusion_pytorch_model.safetensors", dtype);
      convert(folder, "vae", "autoencoder", "diffusion_pytorch_model.safetensors", dtype);
      convert(folder, "text_encoder", "clip", "model.safetensors", dtype);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeJson(Path folder, String part, String file) throws IOException {
    Files.createDirectories(folder.resolve(part));
    Files.writeString(folder.resolve(part).resolve(file), JSON.std.asString(diffusersConfig(part)));
  }

  private static void convert(Path folder, String part, String component, String file, String dtype)
      throws IOException {
    writeJson(folder, part, "config.json");
    Path target = folder.resolve(part).resolve(file);
    Map<String, StoredTensor> originals = new TreeMap<>();
    tensors(target, component, dtype).forEach(tensor -> originals.put(tensor.name(), tensor));
    List<StoredTensor> converted = new ArrayList<>();
    origins(part)
        .forEach(
            (name, origin) -> {
              StoredTensor original = originals.get(((List<?>) origin).get(0));
              long first = ((Number) ((List<?>) origin).get(1)).longValue();
              StoredTensor own =
                  original.name().contains(".in_proj_") ? third(original, first) : original;
              converted.add(own.named(name));
            });
    StoredTensor.write(target, converted);
  }

  private static StoredTensor third(StoredTensor whole, long firstRow) {
    long rows = whole.shape()[0];
    int rowBytes = Math.toIntExact(whole.data().length / rows);
    int begin = Math.toIntExact(firstRow * rowBytes);
    long[] shape = whole.shape().clone();
    shape[0] = rows / 3;
    byte[] data =
        Arrays.copyOfRange(whole.data(), begin, begin + Math.toIntExact(rows / 3 * rowBytes));
    return new StoredTensor(whole.name(), whole.dtype(), shape, data);
  }

  private static Map<String, long[]> shapes(String component) {
    Map<String, long[]> shapes = new TreeMap<>();
    map(map(MODEL, "components"), component)
        .forEach(
            (name, shape) ->
                shapes.put(
                    name,
                    ((List<?>) shape).stream().mapToLong(d -> ((Number) d).longValue()).toArray()));
    return shapes;
  }

  private static long seed() {
    return ((Number) MODEL.get("seed")).longValue();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> whole, String key) {
    return (Map<String, Object>) whole.get(key);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> copy(Map<String, Object> original) {
    Map<String, Object> copy = new LinkedHashMap<>();
    original.forEach(
        (key, value) ->
            copy.put(key, value instanceof Map<?, ?> ? copy((Map<String, Object>) value) : value));
    return copy;
  }

  /** Names of the published UNet: the original one, a tab, diffusers' one. */
  public static Iterable<String> fullSizeUnetNames() {
    try (var in =
        new GZIPInputStream(
            Resources.getResource("golden/modelscope/full-size-unet-names.tsv.gz").openStream())) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
