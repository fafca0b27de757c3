package io.t2v.checkpoint;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model on disk in diffusers layout: {@code model_index.json}, and a folder for each component.
 *
 * <p>Opening it reads the index alone; the components are opened when they are asked for.
 * Immutable.
 */
public final class Checkpoint {
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

  private Checkpoint(Path folder, @Nullable String variant) {
    this.folder = folder;
    this.variant = variant;
  }

  /**
   * Opens a checkpoint's plain weights.
   *
   * @param folder with the {@code model_index.json}
   * @return the checkpoint
   * @throws CheckpointException if there is none, or it is of another kind
   */
  public static Checkpoint open(Path folder) {
    return open(folder, null);
  }

  /**
   * Opens a checkpoint.
   *
   * @param folder with the {@code model_index.json}
   * @param variant word in the names of the weight files, such as {@code fp16}; null for none
   * @return the checkpoint
   * @throws CheckpointException if there is none, or it is of another kind
   */
  public static Checkpoint open(Path folder, @Nullable String variant) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          "There is no folder " + folder + ". Expected a checkpoint in diffusers layout.");
    }
    JsonConfig index = JsonConfig.read(folder.resolve(INDEX));
    if (!(index.raw("_class_name") instanceof String pipeline) || !PIPELINES.contains(pipeline)) {
      throw index.unexpected(
          "_class_name", "one of " + PIPELINES + "; other pipelines are not supported");
    }
    COMPONENTS.forEach((name, classes) -> checkComponent(index, name, classes));
    return new Checkpoint(folder, variant);
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

  /**
   * Returns where the checkpoint is.
   *
   * @return the folder
   */
  public Path folder() {
    return folder;
  }

  /**
   * Returns the UNet's options.
   *
   * @return a new view of the file
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig unetConfig() {
    return config("unet", "config.json");
  }

  /**
   * Returns the UNet's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles unetWeights() {
    return weights("unet", NETWORK_STEM);
  }

  /**
   * Returns the autoencoder's options.
   *
   * @return a new view of the file
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig vaeConfig() {
    return config("vae", "config.json");
  }

  /**
   * Returns the autoencoder's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles vaeWeights() {
    return weights("vae", NETWORK_STEM);
  }

  /**
   * Returns the text encoder's options.
   *
   * @return a new view of the file
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig textEncoderConfig() {
    return config("text_encoder", "config.json");
  }

  /**
   * Returns the text encoder's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles textEncoderWeights() {
    return weights("text_encoder", TEXT_STEM);
  }

  /**
   * Returns the tokenizer's folder.
   *
   * @return with vocabulary and merges
   */
  public Path tokenizerFolder() {
    return folder.resolve("tokenizer");
  }

  /**
   * Returns the scheduler's options.
   *
   * @return a new view of the file
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig schedulerConfig() {
    return config("scheduler", "scheduler_config.json");
  }

  /**
   * Names the checkpoint for the record of a generation.
   *
   * @return the last names of its path, and the variant
   */
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
