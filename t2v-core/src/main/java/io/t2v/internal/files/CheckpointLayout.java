package io.t2v.internal.files;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a way of laying out a checkpoint on disk has to give: options by diffusers' names, and
 * weights under diffusers' names. Immutable; each part is opened when it is asked for.
 */
interface CheckpointLayout {
  /** Options of a UNet3DConditionModel. */
  JsonConfig unetConfig();

  /** Weights of a UNet3DConditionModel. */
  TensorFiles unetWeights();

  /** Options of an AutoencoderKL. */
  JsonConfig vaeConfig();

  /** Weights of an AutoencoderKL. */
  TensorFiles vaeWeights();

  /** Options of a CLIPTextModel. */
  JsonConfig textEncoderConfig();

  /** Weights of a CLIPTextModel. */
  TensorFiles textEncoderWeights();

  /** Folder of the tokenizer; empty if the checkpoint leaves it to the library to bring CLIP's. */
  Optional<Path> tokenizerFolder();

  /** Options of the scheduler, with its class. */
  JsonConfig schedulerConfig();

  /** Number of frames that the checkpoint names for its videos; empty if it names none. */
  OptionalInt frames();

  /** Names the checkpoint for the record of a generation. */
  Map<String, String> identity();
}
