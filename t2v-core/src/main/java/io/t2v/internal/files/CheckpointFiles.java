package io.t2v.internal.files;

import com.google.common.base.Suppliers;
import io.t2v.checkpoint.CheckpointException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model on disk.
 *
 * <p>Known are two layouts. Diffusers': {@code model_index.json}, and a folder for each component,
 * with weights as safetensors or as PyTorch's pickles ({@code .bin}), in one file or in shards. And
 * ModelScope's: {@code configuration.json}, and three files of weights beside it; or the files
 * alone, as in zeroscope's folders, which are then told apart by what they hold. Pickles are read,
 * never executed.
 *
 * <p>Opening it reads the index alone. Configurations, and the headers of weights, are read when
 * they are first asked for, and remembered: what is planned later is planned for the files that
 * were opened, even if others have taken their place. Safe for use by many threads.
 */
public final class CheckpointFiles {
  private static final System.Logger LOGGER = System.getLogger(CheckpointFiles.class.getName());

  /** What training scripts of the references write; diffusers loads it only when it is asked to. */
  private static final List<String> LORA_FILES =
      List.of("pytorch_lora_weights.safetensors", "pytorch_lora_weights.bin");

  private final Path folder;
  private final CheckpointLayout layout;
  private final boolean strict;
  private final Supplier<TensorFiles> unetWeights;
  private final Supplier<TensorFiles> vaeWeights;
  private final Supplier<TensorFiles> textEncoderWeights;
  private final Supplier<JsonConfig> unetConfig;
  private final Supplier<JsonConfig> vaeConfig;
  private final Supplier<JsonConfig> textEncoderConfig;

  private CheckpointFiles(Path folder, CheckpointLayout layout, boolean strict) {
    this.folder = folder;
    this.strict = strict;
    this.layout = layout;
    unetWeights = Suppliers.memoize(layout::unetWeights);
    vaeWeights = Suppliers.memoize(layout::vaeWeights);
    textEncoderWeights = Suppliers.memoize(layout::textEncoderWeights);
    unetConfig = Suppliers.memoize(layout::unetConfig);
    vaeConfig = Suppliers.memoize(layout::vaeConfig);
    textEncoderConfig = Suppliers.memoize(layout::textEncoderConfig);
  }

  /**
   * Opens a checkpoint's plain weights.
   *
   * @param folder with the {@code model_index.json}, or in ModelScope's layout
   * @return the checkpoint
   * @throws CheckpointException if there is none, or it is of another kind
   */
  public static CheckpointFiles open(Path folder) {
    return open(folder, null);
  }

  /**
   * Opens a checkpoint.
   *
   * @param folder with the {@code model_index.json}, or in ModelScope's layout
   * @param variant word in the names of the weight files, such as {@code fp16}; null for none. In
   *     ModelScope's layout, {@code ema} takes the moving average that some training checkpoints
   *     hold beside the UNet's weights
   * @return the checkpoint
   * @throws CheckpointException if there is none, or it is of another kind
   */
  public static CheckpointFiles open(Path folder, @Nullable String variant) {
    return open(folder, variant, false);
  }

  /**
   * Opens a checkpoint, and says how its configurations are read.
   *
   * @param folder as above
   * @param variant as above
   * @param strict whether unknown options are refused even if their values change nothing
   * @return the checkpoint
   * @throws CheckpointException if there is none, or it is of another kind
   */
  public static CheckpointFiles open(Path folder, @Nullable String variant, boolean strict) {
    if (Files.isRegularFile(folder)) {
      throw SingleFile.inPlaceOfAFolder(folder);
    }
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          (Files.exists(folder)
                  ? folder + " is a pipe or a device"
                  : "There is no folder " + folder)
              + ". Expected a checkpoint in diffusers' or ModelScope's layout.");
    }
    LORA_FILES.stream()
        .map(folder::resolve)
        .filter(Files::exists)
        .forEach(
            lora ->
                LOGGER.log(
                    Level.WARNING,
                    "{0} is not applied to the model unless it is given as an adapter",
                    lora));
    return new CheckpointFiles(folder, layout(folder, variant), strict);
  }

  /** Each layout is known by a file at its top; who has none is told what diffusers' lacks. */
  private static CheckpointLayout layout(Path folder, @Nullable String variant) {
    if (!DiffusersLayout.isIn(folder) && !Files.exists(folder.resolve(ModelScopeConfig.FILE))) {
      TrainingRun.refuse(folder);
    }
    return isModelScope(folder)
        ? ModelScopeLayout.open(folder, variant)
        : DiffusersLayout.open(folder, variant);
  }

  /** ModelScope's hub puts a configuration.json beside diffusers' index as well. */
  private static boolean isModelScope(Path folder) {
    return Files.isDirectory(folder)
        && !DiffusersLayout.isIn(folder)
        && ModelScopeLayout.isIn(folder);
  }

  /**
   * Takes the autoencoder from elsewhere.
   *
   * @param source a checkpoint, of this or another kind of model, with a folder {@code vae}; or the
   *     folder of an autoencoder, with its {@code config.json}; or a checkpoint in ModelScope's
   *     layout; or a single file, whose options are those of a {@code config.json} beside it, or
   *     are read from its shapes
   * @param variant word in the names of its weight files, taken where there are such files; null
   *     for none
   * @return this checkpoint with that autoencoder; its files are looked at when they are asked for
   * @throws CheckpointException if there is no autoencoder
   */
  public CheckpointFiles withVaeFrom(Path source, @Nullable String variant) {
    if (Files.isRegularFile(source)) {
      Supplier<TensorFiles> weights =
          Suppliers.memoize(() -> AutoencoderKeys.ofDiffusers(TensorFiles.ofFile(source)));
      Path config = source.resolveSibling("config.json");
      return withVae(
          source,
          () -> Files.exists(config) ? JsonConfig.read(config) : InferredConfig.vae(weights.get()),
          weights);
    }
    for (Path candidate : List.of(source.resolve("vae"), source)) {
      if (Files.exists(candidate.resolve("config.json"))) {
        ComponentFolder vae = ComponentFolder.ofDiffusers(candidate, "AutoencoderKL");
        String found = vae.hasWeights(variant) ? variant : null;
        return withVae(source, vae::config, () -> vae.weights(found));
      }
    }
    if (isModelScope(source)) {
      CheckpointLayout other = ModelScopeLayout.open(source, null);
      return withVae(source, other::vaeConfig, other::vaeWeights);
    }
    throw new CheckpointException(
        "There is no autoencoder in "
            + source
            + ". Expected a checkpoint with a folder vae, or such a folder itself, with its"
            + " config.json.");
  }

  private CheckpointFiles withVae(
      Path source, Supplier<JsonConfig> config, Supplier<TensorFiles> weights) {
    return new CheckpointFiles(
        folder, OverlaidLayout.withVae(layout, source, config, weights), strict);
  }

  /**
   * Puts the weights of another UNet over this checkpoint's, whose options they have to fit.
   *
   * @param file as safetensors, or of PyTorch's {@code torch.save}; names are diffusers' or
   *     ModelScope's, and may all have something before them
   * @return this checkpoint with those weights; the file is looked at when they are asked for
   */
  public CheckpointFiles withUnetWeights(Path file) {
    return new CheckpointFiles(folder, OverlaidLayout.withUnetWeights(layout, file), strict);
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
   * @return the options, none of them read yet
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig unetConfig() {
    return unetConfig.get().unread(strict);
  }

  /**
   * Returns the UNet's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles unetWeights() {
    return unetWeights.get();
  }

  /**
   * Returns the autoencoder's options.
   *
   * @return the options, none of them read yet
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig vaeConfig() {
    return vaeConfig.get().unread(strict);
  }

  /**
   * Returns the autoencoder's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles vaeWeights() {
    return vaeWeights.get();
  }

  /**
   * Returns the text encoder's options.
   *
   * @return the options, none of them read yet
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig textEncoderConfig() {
    return textEncoderConfig.get().unread(strict);
  }

  /**
   * Returns the text encoder's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles textEncoderWeights() {
    return textEncoderWeights.get();
  }

  /**
   * Returns the tokenizer's folder.
   *
   * @return with vocabulary and merges; empty if the checkpoint has none, because its text encoder
   *     takes the tokens of OpenAI's CLIP
   */
  public Optional<Path> tokenizerFolder() {
    return layout.tokenizerFolder();
  }

  /**
   * Returns the scheduler's options.
   *
   * @return the options, none of them read yet
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig schedulerConfig() {
    return layout.schedulerConfig();
  }

  /**
   * Returns the number of frames that the checkpoint names for its videos.
   *
   * @return {@code max_frames} of ModelScope's layout, 16 if its configuration is missing; empty in
   *     diffusers' layout, which names none
   */
  public OptionalInt frames() {
    return layout.frames();
  }

  /**
   * Names the checkpoint for the record of a generation.
   *
   * @return its path, the variant, and where parts come from that are not its own
   */
  public Map<String, String> identity() {
    return layout.identity();
  }
}
