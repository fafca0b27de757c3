package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.WeightFileNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The layout of diffusers: {@code model_index.json}, and a folder for each component.
 *
 * <p>A component is looked at when it is asked for, so that those which come from elsewhere may be
 * missing here.
 */
final class DiffusersLayout implements CheckpointLayout {
  private static final String INDEX = WeightFileNames.MODEL_INDEX;
  private static final Set<String> PIPELINES =
      Set.of("TextToVideoSDPipeline", "VideoToVideoSDPipeline");
  private static final Set<String> TOKENIZERS = Set.of("CLIPTokenizer", "CLIPTokenizerFast");

  private final Path folder;
  private final @Nullable String variant;
  private final JsonConfig index;
  private final ComponentFolder unet;
  private final ComponentFolder vae;
  private final ComponentFolder textEncoder;

  private DiffusersLayout(Path folder, @Nullable String variant, JsonConfig index) {
    this.folder = folder;
    this.variant = variant;
    this.index = index;
    unet = ComponentFolder.ofDiffusers(folder.resolve("unet"), "UNet3DConditionModel");
    vae = ComponentFolder.ofDiffusers(folder.resolve("vae"), "AutoencoderKL");
    textEncoder = ComponentFolder.ofTransformers(folder.resolve("text_encoder"), "CLIPTextModel");
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
    return new DiffusersLayout(folder, variant, index);
  }

  @Override
  public JsonConfig unetConfig() {
    return config(unet);
  }

  @Override
  public TensorFiles unetWeights() {
    return weights(unet);
  }

  @Override
  public JsonConfig vaeConfig() {
    return config(vae);
  }

  @Override
  public TensorFiles vaeWeights() {
    return weights(vae);
  }

  @Override
  public JsonConfig textEncoderConfig() {
    return config(textEncoder);
  }

  @Override
  public TensorFiles textEncoderWeights() {
    return weights(textEncoder);
  }

  @Override
  public Optional<Path> tokenizerFolder() {
    return Optional.of(requireComponent("tokenizer", TOKENIZERS));
  }

  @Override
  public JsonConfig schedulerConfig() {
    return JsonConfig.read(folder.resolve("scheduler").resolve("scheduler_config.json"));
  }

  @Override
  public OptionalInt frames() {
    return OptionalInt.empty();
  }

  @Override
  public Map<String, String> identity() {
    return variant == null
        ? ImmutableMap.of("path", folder.toString())
        : ImmutableMap.of("path", folder.toString(), "variant", variant);
  }

  private JsonConfig config(ComponentFolder component) {
    requireComponent(component.folder().getFileName().toString(), component.classes());
    return component.config();
  }

  /** As in the reference, a component without the variant has its plain weights taken. */
  private TensorFiles weights(ComponentFolder component) {
    requireComponent(component.folder().getFileName().toString(), component.classes());
    boolean plain =
        variant != null
            && !component.hasWeights(variant)
            && component.hasWeights(null)
            && Stream.of(unet, vae, textEncoder).anyMatch(other -> other.hasWeights(variant));
    return component.weights(plain ? null : variant);
  }

  /**
   * Checks what the index says of a component: its library, which may be null or a module of the
   * checkpoint's own, and its class. An index may be older than the component.
   */
  private Path requireComponent(String name, Set<String> classes) {
    Object entry = index.raw(name);
    boolean unnamed =
        entry == null || (entry instanceof List<?> list && list.stream().allMatch(Objects::isNull));
    boolean known =
        entry instanceof List<?> libraryAndClass
            && libraryAndClass.size() == 2
            && libraryAndClass.get(1) instanceof String className
            && classes.contains(className);
    if (!unnamed && !known) {
      throw index.unexpected(name, "a library and one of " + classes);
    }
    Path component = folder.resolve(name);
    if (!Files.isDirectory(component)) {
      throw new CheckpointException(
          "The checkpoint has no folder "
              + component
              + " ("
              + String.join(" or ", classes)
              + "). Give this component to the builder"
              + (classes.equals(vae.classes())
                  ? ", or take it from another checkpoint with vaeFrom(path)."
                  : "."));
    }
    return component;
  }
}
