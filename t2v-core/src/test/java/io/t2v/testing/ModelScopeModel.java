package io.t2v.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.io.Resources;
import io.t2v.checkpoint.RandomWeights;
import io.t2v.text.ClipTokenizerFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /** A tensor's shape and bytes. */
  private record Raw(List<Long> shape, byte[] bytes) {}

  /** Writes the whole checkpoint in ModelScope's layout. */
  public static Path write(Path folder) {
    return write(folder, "F32");
  }

  /** Writes the whole checkpoint in ModelScope's layout, in F32 or F16. */
  public static Path write(Path folder, String dtype) {
    writeConfiguration(folder, map(MODEL, "configuration"));
    try {
      TorchZip.write(folder.resolve(UNET), tensors(folder.resolve(UNET), "unet", dtype));
      TorchZip.write(folder.resolve(CLIP), tensors(folder.resolve(CLIP), "clip", dtype));
      Path autoencoder = folder.resolve(AUTOENCODER);
      TorchZip.write(
          autoencoder,
          Map.of(
              "state_dict", tensors(autoencoder, "autoencoder", dtype),
              "global_step", 42,
              "pytorch-lightning_version", "1.4"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  private static Map<String, TorchZip.Tensor> tensors(
      Path scratch, String component, String dtype)
      throws IOException {
    RandomWeights.write(scratch, shapes(component), seed(), dtype);
    Map<String, TorchZip.Tensor> tensors = new LinkedHashMap<>();
    String storage = dtype.equals("F32") ? "FloatStorage" : "HalfStorage";
    read(scratch)
        .forEach(
            (name, raw) ->
                tensors.put(
                    name, new TorchZip.Tensor(storage, raw.shape(), raw.bytes())));
    return tensors;
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

  private static void convert(
      Path folder, String part, String component, String file, String dtype) throws IOException {
    writeJson(folder, part, "config.json");
    Path target = folder.resolve(part).resolve(file);
    RandomWeights.write(target, shapes(component), seed(), dtype);
    Map<String, Raw> originals = read(target);
    Map<String, Raw> converted = new TreeMap<>();
    origins(part)
        .forEach(
            (name, origin) -> {
              Raw original = originals.get(((List<?>) origin).get(0));
              long first = ((Number) ((List<?>) origin).get(1)).longValue();
              converted.put(
                  name,
                  ((String) ((List<?>) origin).get(0)).contains(".in_proj_")
                      ? third(original, first)
                      : original);
            });
    write(target, converted, dtype);
  }

  private static Raw third(Raw raw, long firstRow) {
    long rows = raw.shape().get(0);
    int rowBytes = Math.toIntExact(raw.bytes().length / rows);
    byte[] bytes = new byte[Math.toIntExact(rows / 3 * rowBytes)];
    System.arraycopy(raw.bytes(), Math.toIntExact(firstRow * rowBytes), bytes, 0, bytes.length);
    List<Long> shape = new ArrayList<>(raw.shape());
    shape.set(0, rows / 3);
    return new Raw(shape, bytes);
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

  private static Map<String, Raw> read(Path file) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) content.getLong()];
    content.get(header);
    int start = content.position();
    Map<String, Raw> tensors = new LinkedHashMap<>();
    JSON.std
        .mapFrom(new String(header, StandardCharsets.UTF_8))
        .forEach(
            (name, value) -> {
              if (!name.equals("__metadata__")) {
                Map<?, ?> entry = (Map<?, ?>) value;
                List<Long> offsets = longs(entry.get("data_offsets"));
                byte[] bytes = new byte[(int) (offsets.get(1) - offsets.get(0))];
                content.get(start + offsets.get(0).intValue(), bytes);
                tensors.put(name, new Raw(longs(entry.get("shape")), bytes));
              }
            });
    return tensors;
  }

  private static void write(Path file, Map<String, Raw> tensors, String dtype) {
    Map<String, Object> header = new LinkedHashMap<>();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    tensors.forEach(
        (name, raw) -> {
          int begin = data.size();
          data.writeBytes(raw.bytes());
          header.put(
              name,
              Map.of(
                  "dtype", dtype,
                  "shape", raw.shape(),
                  "data_offsets", List.of(begin, data.size())));
        });
    try {
      RawSafetensors.write(file, JSON.std.asString(header), data.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> longs(Object list) {
    return ((List<?>) list).stream().map(d -> ((Number) d).longValue()).toList();
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
