package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The output folder of a fine-tuning script, with folders such as {@code checkpoint-2500}. */
final class TrainingRun {
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-\\d{1,9}");

  private TrainingRun() {}

  /**
   * Refuses a folder that has checkpoints of a training run in it instead of a model.
   *
   * @throws CheckpointException with the last checkpoint, and what to do with it
   */
  static void refuse(Path folder) {
    lastCheckpoint(folder)
        .ifPresent(
            last -> {
              throw new CheckpointException(
                  folder
                      + " is the folder of a training run, expected that of a model. "
                      + advice(last));
            });
  }

  private static String advice(Path last) {
    if (DiffusersLayout.isIn(last)) {
      return "Its last checkpoint is a model: give " + last + ".";
    }
    Path unet = last.resolve("unet");
    return Files.isDirectory(unet)
        ? "Give the model that was trained to checkpoint, and the file of weights in "
            + unet
            + " to unetWeights."
        : "Its last checkpoint is "
            + last
            + ": save it as a model with the training script, or give its UNet's weights to"
            + " unetWeights.";
  }

  private static Optional<Path> lastCheckpoint(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> CHECKPOINT.matcher(file.getFileName().toString()).matches())
          .filter(Files::isDirectory)
          .max(Comparator.comparingInt(TrainingRun::step));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static int step(Path checkpoint) {
    String name = checkpoint.getFileName().toString();
    return Integer.parseInt(name.substring(name.indexOf('-') + 1));
  }
}
