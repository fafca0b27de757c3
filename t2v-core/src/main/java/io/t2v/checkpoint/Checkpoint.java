package io.t2v.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A model on disk, in one of two layouts: diffusers', with a {@code model_index.json} and a folder
 * for each component, or ModelScope's, with a {@code configuration.json} and three files of weights
 * (or without the configuration, as zeroscope's folders are: then the files are told apart by what
 * they hold).
 *
 * <p>Opening it reads the index alone; the components are opened when they are asked for.
 * Immutable.
 */
public final class Checkpoint {
  private final Path folder;
  private final Layout layout;

  private Checkpoint(Path folder, Layout layout) {
    this.folder = folder;
    this.layout = layout;
  }

  /**
   * Opens a checkpoint's plain weights.
   *
   * @param folder with the {@code model_index.json}, or in ModelScope's layout
   * @return the checkpoint
   * @throws CheckpointException if there is none, or it is of another kind
   */
  public static Checkpoint open(Path folder) {
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
  public static Checkpoint open(Path folder, @Nullable String variant) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          "There is no folder "
              + folder
              + ". Expected a checkpoint in diffusers' or ModelScope's layout.");
    }
    return new Checkpoint(folder, layout(folder, variant));
  }

  /** Each layout is known by a file at its top; who has none is told what diffusers' lacks. */
  private static Layout layout(Path folder, @Nullable String variant) {
    return !DiffusersLayout.isIn(folder) && ModelScopeLayout.isIn(folder)
        ? ModelScopeLayout.open(folder, variant)
        : DiffusersLayout.open(folder, variant);
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
    return layout.unetConfig();
  }

  /**
   * Returns the UNet's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles unetWeights() {
    return layout.unetWeights();
  }

  /**
   * Returns the autoencoder's options.
   *
   * @return a new view of the file
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig vaeConfig() {
    return layout.vaeConfig();
  }

  /**
   * Returns the autoencoder's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles vaeWeights() {
    return layout.vaeWeights();
  }

  /**
   * Returns the text encoder's options.
   *
   * @return a new view of the file
   * @throws CheckpointException if the file is missing or damaged
   */
  public JsonConfig textEncoderConfig() {
    return layout.textEncoderConfig();
  }

  /**
   * Returns the text encoder's weights.
   *
   * @return their files, checked
   * @throws CheckpointException if files are missing or damaged
   */
  public TensorFiles textEncoderWeights() {
    return layout.textEncoderWeights();
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
   * @return a new view of the file
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
   * @return the last names of its path, and the variant
   */
  public Map<String, String> identity() {
    return layout.identity();
  }
}
