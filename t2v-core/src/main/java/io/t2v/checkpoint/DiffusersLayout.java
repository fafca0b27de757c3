package io.t2v.checkpoint;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The layout of diffusers: {@code model_index.json}, and a folder for each component. */
final class DiffusersLayout implements Layout {
  private static final String INDEX = "model_index.json";
  private static final String NETWORK_STEM = "diffusion_pytorch_model";
  private static final String TEXT_STEM = "model";
  private static final Set<String> PIPELINES =
      Set.of("TextToVideoSDPipeline", "VideoToVideoSDPipeline");

  private static final ImmutableMap<String, Set<String>> COMPONENTS =
      ImmutableMap.of(
          "text_encoder", Set.of("CLIPTextModel"),
          "tokenizer", Set.of("CLIPTokenizer", "CLIPTokenizerFast"),
          "unet", Set.of("UNet3DConditionModel"),
          "vae", Set.of("AutoencoderKL"));

  private final Path folder;
  private final @Nullable String variant;

  private DiffusersLayout(Path folder, @Nullable String variant) {
    this.folder = folder;
    this.variant = variant;
  }

  /** Whether a folder has this layout. */
  static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(INDEX));
  }

  /**
   * Reads the index.
   *
   * @throws CheckpointException if it is missing, or that of another kind of model
   */
  static DiffusersLayout open(Path folder, @Nullable String variant) {
    JsonConfig index = JsonConfig.read(folder.resolve(INDEX));
    if (!(index.raw("_class_name") instanceof String pipeline) || !PIPELINES.contains(pipeline)) {
      throw index.unexpected(
          "_class_name", "one of " + PIPELINES + "; other pipelines are not supported");
    }
    COMPONENTS.forEach((name, classes) -> checkComponent(index, name, classes));
    return new DiffusersLayout(folder, variant);
  }

  private static void checkComponent(JsonConfig index, String name, Set<String> classes) {
    boolean known =
        index.raw(name) instanceof List<?> libraryAndClass
            && libraryAndClass.size() == 2
            && libraryAndClass.get(1) instanceof String className
            && classes.contains(className);
    if (!known) {
      throw index.unexpected(name, "a library and one of " + classes);
    }
  }

  @Override
  public JsonConfig unetConfig() {
    return config("unet", "config.json");
  }

  @Override
  public TensorFiles unetWeights() {
    return weights("unet", NETWORK_STEM);
  }

  @Override
  public JsonConfig vaeConfig() {
    return config("vae", "config.json");
  }

  @Override
  public TensorFiles vaeWeights() {
    return weights("vae", NETWORK_STEM);
  }

  @Override
  public JsonConfig textEncoderConfig() {
    return config("text_encoder", "config.json");
  }

  @Override
  public TensorFiles textEncoderWeights() {
    return weights("text_encoder", TEXT_STEM);
  }

  @Override
  public Optional<Path> tokenizerFolder() {
    return Optional.of(folder.resolve("tokenizer"));
  }

  @Override
  public JsonConfig schedulerConfig() {
    return config("scheduler", "scheduler_config.json");
  }

  @Override
  public Map<String, String> identity() {
    return variant == null
        ? ImmutableMap.of("path", folder.toString())
        : ImmutableMap.of("path", folder.toString(), "variant", variant);
  }

  private JsonConfig config(String component, String file) {
    return JsonConfig.read(folder.resolve(component).resolve(file));
  }

  private TensorFiles weights(String component, String stem) {
    return TensorFiles.open(folder.resolve(component), stem, variant);
  }
}
