package io.t2v.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.io.Resources;
import io.t2v.internal.weights.RandomWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The small models that the golden data was made with. Their weights come from a recipe. */
public final class GoldenModel {
  private static final String UNET_FILE = "diffusion_pytorch_model.safetensors";
  private static final Map<String, String> WEIGHT_FILES =
      Map.of(
          "unet", UNET_FILE,
          "vae", UNET_FILE,
          "text_encoder", "model.safetensors");

  private GoldenModel() {}

  /**
   * Writes a complete checkpoint.
   *
   * @param name such as {@code four-levels}
   * @param folder to be made
   * @return folder
   */
  public static Path write(String name, Path folder) {
    return write(name, folder, "F32");
  }

  /**
   * Writes a complete checkpoint.
   *
   * @param name such as {@code four-levels}
   * @param folder to be made
   * @param dtype {@code F32} or {@code F16}
   * @return folder
   */
  public static Path write(String name, Path folder, String dtype) {
    return write(name, folder, dtype, Map.of());
  }

  /**
   * Writes {@code four-levels} as if it had been distilled with a guidance embedding.
   *
   * @param folder to be made
   * @param width of the embedding
   * @return folder
   */
  public static Path writeDistilled(Path folder, int width) {
    write(
        "four-levels",
        folder,
        "F32",
        Map.of("time_embedding.cond_proj.weight", new long[] {16, width}));
    Path config = folder.resolve("unet").resolve("config.json");
    try {
      Map<String, Object> options = new TreeMap<>(JSON.std.mapFrom(Files.readString(config)));
      options.put("time_cond_proj_dim", width);
      Files.writeString(config, JSON.std.asString(options));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }

  /** surplus: tensors of the UNet beside those of the model, with their shapes. */
  private static Path write(String name, Path folder, String dtype, Map<String, long[]> surplus) {
    try {
      Path source = Path.of(Resources.getResource("golden/models/" + name).toURI());
      try (Stream<Path> files = Files.walk(source)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Path target = folder.resolve(source.relativize(file).toString());
          if (Files.isDirectory(file)) {
            Files.createDirectories(target);
          } else {
            Files.copy(file, target);
          }
        }
      }
      Path manifestFile = folder.resolve("manifest.json");
      Map<String, Object> manifest = JSON.std.mapFrom(Files.readString(manifestFile));
      Files.delete(manifestFile);
      long seed = ((Number) manifest.get("seed")).longValue();
      for (Map.Entry<String, String> component : WEIGHT_FILES.entrySet()) {
        Map<String, long[]> shapes = shapes(manifest, component.getKey());
        if (component.getKey().equals("unet")) {
          shapes.putAll(surplus);
        }
        RandomWeights.write(
            folder.resolve(component.getKey()).resolve(component.getValue()), shapes, seed, dtype);
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, long[]> shapes(Map<String, Object> manifest, String component) {
    Map<String, long[]> shapes = new TreeMap<>();
    Map<?, ?> listed = (Map<?, ?>) ((Map<?, ?>) manifest.get("components")).get(component);
    listed.forEach(
        (name, shape) ->
            shapes.put(
                (String) name,
                ((List<?>) shape).stream().mapToLong(d -> ((Number) d).longValue()).toArray()));
    return shapes;
  }
}
