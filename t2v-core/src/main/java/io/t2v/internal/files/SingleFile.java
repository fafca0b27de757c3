package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.nio.file.Path;

/** Says what a single file is, to whoever gave it in place of a checkpoint's folder. */
final class SingleFile {
  private SingleFile() {}

  /** The error, with what to do with the file instead. */
  static CheckpointException inPlaceOfAFolder(Path file) {
    return new CheckpointException(
        file + " is a file, expected the folder of a checkpoint. " + advice(file));
  }

  private static String advice(Path file) {
    TensorFiles files;
    try {
      files = TensorFiles.ofFile(file);
    } catch (CheckpointException e) {
      return "It cannot be read as weights either: " + e.getMessage();
    }
    boolean unet = UnetKeys.isIn(files);
    boolean vae = AutoencoderKeys.isIn(files);
    if (unet && vae) {
      return "It holds a UNet and an autoencoder: give the folder of the model that it was trained"
          + " from to checkpoint, and this file to unetWeights and to vaeFrom.";
    }
    if (unet) {
      return "It holds a UNet: give the folder of the model that it was trained from to"
          + " checkpoint, and this file to unetWeights.";
    }
    if (vae) {
      return "It holds an autoencoder: give this file to vaeFrom, and a folder to checkpoint.";
    }
    return files.names().stream().anyMatch(name -> name.contains("lora"))
        ? "It holds a LoRA, which changes a checkpoint and is none itself: give the model that it was"
            + " trained on to checkpoint, and this file to adapter."
        : "It holds no network that this library knows by its names.";
  }
}
