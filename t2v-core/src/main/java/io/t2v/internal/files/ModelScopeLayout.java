package io.t2v.internal.files;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.WeightFileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The layout of ModelScope: {@code configuration.json}, and beside it three files of weights under
 * their original names.
 *
 * <p>Zeroscope's folders have no configuration, no autoencoder, and names of their own: without a
 * configuration the files are told apart by what they hold, and the options are read from the
 * shapes of the weights.
 */
final class ModelScopeLayout implements CheckpointLayout {
  /** The variant that takes the moving average of the UNet's weights. */
  static final String AVERAGED = "ema";

  private static final Set<String> ENDINGS = Set.of("pth", "bin", "pt", "ckpt", "safetensors");
  private static final int CLIP_VOCABULARY = 49_408;

  private final Path folder;
  private final boolean averaged;
  private final Optional<ModelScopeConfig> config;
  private final Network unet;
  private final Network text;
  private final Network autoencoder;

  /** A network's file, or null; its name for messages, and how its names become this library's. */
  private record Network(
      String name,
      String usualFile,
      @Nullable Path file,
      Predicate<TensorFiles> isIn,
      Function<TensorFiles, TensorFiles> view) {
    TensorFiles open(Path folder, String cure) {
      if (file == null || !Files.exists(file)) {
        throw new CheckpointException(
            folder
                + " has no "
                + name
                + ": expected "
                + (file == null ? usualFile : file.getFileName())
                + ", found "
                + fileNames(folder)
                + ". "
                + renamed(folder).orElse(cure));
      }
      return view.apply(TensorFiles.ofFile(file));
    }

    /** The network may be there under another name than the configuration's. */
    private Optional<String> renamed(Path folder) {
      return file == null
          ? Optional.empty()
          : weightFiles(folder).stream()
              .filter(this::isIn)
              .map(
                  other ->
                      other.getFileName()
                          + " holds one: rename it to "
                          + file.getFileName()
                          + ", or write its name into "
                          + ModelScopeConfig.FILE
                          + ".")
              .findFirst();
    }

    private boolean isIn(Path other) {
      try {
        return isIn.test(TensorFiles.ofFile(other));
      } catch (CheckpointException e) {
        return false;
      }
    }
  }

  private ModelScopeLayout(
      Path folder,
      boolean averaged,
      Optional<ModelScopeConfig> config,
      @Nullable Path unet,
      @Nullable Path text,
      @Nullable Path autoencoder) {
    this.folder = folder;
    this.averaged = averaged;
    this.config = config;
    this.unet =
        new Network(
            "UNet",
            usualFile("ckpt_unet"),
            unet,
            UnetSdKeys::isOriginal,
            averaged ? UnetSdKeys::averagedForDiffusers : UnetSdKeys::forDiffusers);
    this.text =
        new Network(
            "text encoder",
            usualFile("ckpt_clip"),
            text,
            OpenClipKeys::isOriginal,
            OpenClipKeys::forTransformers);
    this.autoencoder =
        new Network(
            "autoencoder",
            usualFile("ckpt_autoencoder"),
            autoencoder,
            AutoencoderKeys::isOriginal,
            AutoencoderKeys::forDiffusers);
  }

  private static String usualFile(String field) {
    return requireNonNull(WeightFileNames.MODEL_SCOPE_WEIGHTS.get(field));
  }

  /** Whether a folder has this layout: by its configuration, or by weights at its top. */
  static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(ModelScopeConfig.FILE)) || !weightFiles(folder).isEmpty();
  }

  /**
   * Reads the configuration, or looks into the files.
   *
   * @param variant {@code ema} for the moving average of the UNet's weights; null for the weights
   *     themselves
   * @throws CheckpointException if the configuration is damaged or that of another kind of model,
   *     or there is no UNet
   */
  static ModelScopeLayout open(Path folder, @Nullable String variant) {
    if (variant != null && !variant.equals(AVERAGED)) {
      throw new CheckpointException(
          folder
              + " is in ModelScope's layout, which has no variant "
              + variant
              + ". Leave it out: half precision is recognised. The one variant is "
              + AVERAGED
              + ", for the average of the UNet's weights.");
    }
    boolean averaged = variant != null;
    Path file = folder.resolve(ModelScopeConfig.FILE);
    if (!Files.exists(file)) {
      return ofContent(folder, averaged);
    }
    ModelScopeConfig config = ModelScopeConfig.read(file);
    return new ModelScopeLayout(
        folder,
        averaged,
        Optional.of(config),
        folder.resolve(config.unetFile()),
        folder.resolve(config.textFile()),
        folder.resolve(config.autoencoderFile()));
  }

  private static ModelScopeLayout ofContent(Path folder, boolean averaged) {
    Map<Path, TensorFiles> files = new LinkedHashMap<>();
    weightFiles(folder).forEach(path -> files.put(path, TensorFiles.ofFile(path)));
    Path unet = onlyOne(folder, "UNet", files, UnetSdKeys::isOriginal);
    if (unet == null) {
      throw new CheckpointException(
          folder
              + " has neither a model_index.json (diffusers' layout) nor a "
              + ModelScopeConfig.FILE
              + " (ModelScope's), and none of "
              + fileNames(folder)
              + " holds a UNet under ModelScope's names.");
    }
    return new ModelScopeLayout(
        folder,
        averaged,
        Optional.empty(),
        unet,
        onlyOne(folder, "text encoder", files, OpenClipKeys::isOriginal),
        onlyOne(folder, "autoencoder", files, AutoencoderKeys::isOriginal));
  }

  private static @Nullable Path onlyOne(
      Path folder,
      String network,
      Map<Path, TensorFiles> files,
      Predicate<TensorFiles> holdsNetwork) {
    List<Path> found =
        files.keySet().stream()
            .filter(path -> holdsNetwork.test(requireNonNull(files.get(path))))
            .map(Path::getFileName)
            .toList();
    if (found.size() > 1) {
      throw new CheckpointException(
          folder
              + " has several files with a "
              + network
              + ": "
              + found
              + ". Name one of them in a "
              + ModelScopeConfig.FILE
              + ", or move the others away.");
    }
    return found.isEmpty() ? null : folder.resolve(found.get(0));
  }

  private static List<Path> weightFiles(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> ENDINGS.contains(ending(file)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new CheckpointException("Could not list " + folder + ": " + e.getMessage(), e);
    }
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static List<String> fileNames(Path folder) {
    return weightFiles(folder).stream().map(file -> file.getFileName().toString()).toList();
  }

  @Override
  public JsonConfig unetConfig() {
    return config
        .map(known -> JsonConfig.of(folder.resolve(ModelScopeConfig.FILE).toString(), known.unet()))
        .orElseGet(() -> InferredConfig.unet(unetWeights()));
  }

  @Override
  public TensorFiles unetWeights() {
    return unet.open(folder, "Download the missing file into the folder.");
  }

  @Override
  public JsonConfig vaeConfig() {
    return InferredConfig.vae(vaeWeights());
  }

  @Override
  public TensorFiles vaeWeights() {
    return autoencoder.open(
        folder,
        "Take that of another checkpoint with vaeFrom: the one of text-to-video-ms-1.7b serves all"
            + " models that were trained from it, zeroscope's too.");
  }

  @Override
  public JsonConfig textEncoderConfig() {
    JsonConfig options = InferredConfig.textEncoder(textEncoderWeights());
    int vocabulary = options.positive("vocab_size", CLIP_VOCABULARY);
    if (tokenizerFolder().isEmpty() && vocabulary != CLIP_VOCABULARY) {
      throw options.unexpected(
          "vocab_size",
          CLIP_VOCABULARY
              + " as in CLIP, or a folder tokenizer in "
              + folder
              + " with vocab.json and merges.txt");
    }
    return options;
  }

  @Override
  public TensorFiles textEncoderWeights() {
    return text.open(folder, "Download the missing file into the folder.");
  }

  /** ModelScope takes CLIP's vocabulary; a folder may bring another one, for another model. */
  @Override
  public Optional<Path> tokenizerFolder() {
    Path tokenizer = folder.resolve("tokenizer");
    return Files.isDirectory(tokenizer) ? Optional.of(tokenizer) : Optional.empty();
  }

  /** What ModelScope's code says: a linear schedule of the square roots of beta, and DDIM. */
  @Override
  public JsonConfig schedulerConfig() {
    int trainTimesteps =
        config
            .map(ModelScopeConfig::trainTimesteps)
            .orElse(ModelScopeConfig.DEFAULT_TRAIN_TIMESTEPS);
    return JsonConfig.of(
        "ModelScope's sampler",
        ImmutableMap.<String, Object>builder()
            .put("_class_name", "DDIMScheduler")
            .put("num_train_timesteps", trainTimesteps)
            .put("beta_schedule", "scaled_linear")
            .put("beta_start", 0.00085)
            .put("beta_end", 0.012)
            .put("clip_sample", false)
            .put("set_alpha_to_one", false)
            .put("steps_offset", 1)
            .put("prediction_type", "epsilon")
            .buildOrThrow());
  }

  @Override
  public OptionalInt frames() {
    return OptionalInt.of(
        config.map(ModelScopeConfig::frames).orElse(ModelScopeConfig.DEFAULT_FRAMES));
  }

  @Override
  public Map<String, String> identity() {
    return averaged
        ? ImmutableMap.of("path", folder.toString(), "variant", AVERAGED)
        : ImmutableMap.of("path", folder.toString());
  }
}
