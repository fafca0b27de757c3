package io.t2v.adapter;

import io.t2v.internal.adapter.AdapterFile;
import java.nio.file.Path;

/**
 * A LoRA: pairs of thin matrices, whose products are added to the weights of a model. It teaches
 * the model a style, a subject or a motion in a hundredth of the model's size.
 *
 * <pre>{@code
 * TextToVideoPipeline.builder()
 *     .checkpoint(Path.of("text-to-video-ms-1.7b"))
 *     .adapter(Adapter.load(Path.of("motion.pt")).scale(0.8))
 *     .adapter(Adapter.load(Path.of("style.safetensors")).spatialScale(0.7).temporalScale(0))
 *     .build();
 * }</pre>
 *
 * <p>The format is told by the file itself: PEFT and diffusers in each of their key styles, kohya,
 * cloneofsimo's lists without names (Text-To-Video-Finetuning, MotionDirector, T2V-Turbo), and
 * stable_lora in diffusers' and in the web UI's names. Pickles are read and never executed. What is
 * no LoRA of two factors (DoRA, LoHa, LoKr, trained biases, whole layers) is refused by name.
 *
 * <p>A weight becomes W + Σ scale · Δ, computed in float32 each time it is read, and rounded once
 * to the dtype of the computation. So adapters work with every precision and offload policy, cost
 * nothing while a video is generated, leave the checkpoint's file as it is, and are gone without a
 * trace at scale 0. Their order changes nothing.
 *
 * <p>Immutable and safe for use by many threads. The file stays on disk, and has to stay there as
 * it is until the pipeline is built.
 *
 * @see io.t2v.PipelineBuilder#adapter
 * @see <a href="https://arxiv.org/abs/2106.09685">LoRA: Low-Rank Adaptation of Large Language
 *     Models</a>
 */
public sealed interface Adapter permits LoadedAdapter {
  /**
   * Reads and checks an adapter. Needs no natives. Whether it fits a checkpoint is seen when a
   * pipeline is built.
   *
   * @param path a file, as safetensors or of PyTorch's {@code torch.save}; or a folder with PEFT's
   *     {@code adapter_model.safetensors} and {@code adapter_config.json}, or with diffusers'
   *     {@code pytorch_lora_weights.safetensors}
   * @return the adapter, at scale 1
   * @throws io.t2v.checkpoint.CheckpointException if it is missing or damaged, holds numbers that
   *     are not finite, or is no LoRA of two factors; the message names the file and the tensor
   */
  static Adapter load(Path path) {
    return new LoadedAdapter(AdapterFile.read(path), 1, null, null);
  }

  /**
   * Sets the strength of the adapter in all layers except those with a scale of their own. It
   * multiplies the scale that the file itself gives (alpha over rank).
   *
   * @param scale finite; 1 as trained, 0 not at all; a negative one reverses the effect
   * @return the adapter with this scale
   * @throws IllegalArgumentException if it is not finite
   */
  Adapter scale(double scale);

  /**
   * Sets the scale of the UNet's layers that see one frame at a time: what things look like.
   *
   * @param scale finite; default: {@link #scale(double)}
   * @return the adapter with this scale
   * @throws IllegalArgumentException if it is not finite
   */
  Adapter spatialScale(double scale);

  /**
   * Sets the scale of the UNet's layers that mix frames, temporal attention and convolutions: how
   * things move.
   *
   * @param scale finite; default: {@link #scale(double)}
   * @return the adapter with this scale
   * @throws IllegalArgumentException if it is not finite
   */
  Adapter temporalScale(double scale);

  /**
   * Returns where the adapter was read from.
   *
   * @return a file or a folder
   */
  Path path();

  /**
   * Returns the digest by which a video's provenance identifies the adapter.
   *
   * @return SHA-256 of the file in hexadecimal; of a PEFT folder, of its weights followed by its
   *     configuration
   */
  String digest();

  /** Returns the scale of the text encoder's layers, and of all that have none of their own. */
  double scale();

  /** Returns the scale of layers that see one frame at a time. */
  double spatialScale();

  /** Returns the scale of layers that mix frames. */
  double temporalScale();

  /** Returns what the adapter is. */
  AdapterSummary summary();
}
