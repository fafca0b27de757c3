package io.t2v.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.t2v.internal.adapter.AdapterTargets;
import io.t2v.internal.adapter.AdapterTargets.Patches;
import io.t2v.internal.adapter.ScaledAdapter;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint with adapters: the weights of its UNet and of its text encoder are those of the
 * files, with the products of the adapters' factors added where they are read. The files are open
 * here, and shared with the networks that are made of them.
 *
 * @param files the checkpoint
 * @param unet without patches; null if the denoiser is a plug-in
 * @param textEncoder without patches; null if it is a plug-in
 * @param patches of the adapters
 */
record AdaptedCheckpoint(
    CheckpointFiles files,
    @Nullable TensorReader unet,
    @Nullable TensorReader textEncoder,
    Patches patches)
    implements AutoCloseable {

  /**
   * Opens the weights that adapters may change.
   *
   * @throws io.t2v.checkpoint.CheckpointException if they are missing or damaged, or an adapter
   *     does not fit them
   */
  static AdaptedCheckpoint open(CheckpointFiles files, PipelineSettings settings) {
    TensorFiles unet = settings.denoiser() == null ? files.unetWeights() : null;
    TensorFiles text = settings.textEncoder() == null ? files.textEncoderWeights() : null;
    Patches patches = AdapterTargets.find(settings.adapters(), unet, text);
    return of(
        files,
        () -> unet == null ? null : TensorReader.open(unet),
        () -> text == null ? null : TensorReader.open(text),
        patches);
  }

  /** Opens both readers, or none. */
  private static AdaptedCheckpoint of(
      CheckpointFiles files,
      Supplier<@Nullable TensorReader> unet,
      Supplier<@Nullable TensorReader> textEncoder,
      Patches patches) {
    TensorReader openUnet = unet.get();
    try {
      return new AdaptedCheckpoint(files, openUnet, textEncoder.get(), patches);
    } catch (RuntimeException e) {
      closeIfThere(openUnet);
      throw e;
    }
  }

  /** The same open files with other adapters. Either may be closed first. */
  AdaptedCheckpoint withAdapters(List<? extends ScaledAdapter> adapters) {
    Patches others = AdapterTargets.find(adapters, tensors(unet), tensors(textEncoder));
    return of(files, () -> reopened(unet), () -> reopened(textEncoder), others);
  }

  private static @Nullable TensorFiles tensors(@Nullable TensorReader reader) {
    return reader == null ? null : reader.tensors();
  }

  private static @Nullable TensorReader reopened(@Nullable TensorReader reader) {
    return reader == null ? null : reader.reopen(reader.tensors());
  }

  TensorFiles unetWeights() {
    return requireNonNull(unet).tensors().patched(patches.unet());
  }

  TensorFiles textEncoderWeights() {
    return requireNonNull(textEncoder).tensors().patched(patches.textEncoder());
  }

  /** Opens the UNet's weights for a network, which closes them. */
  TensorReader openUnet() {
    return requireNonNull(unet).reopen(unetWeights());
  }

  /** Opens the text encoder's weights for a network, which closes them. */
  TensorReader openTextEncoder() {
    return requireNonNull(textEncoder).reopen(textEncoderWeights());
  }

  @Override
  public void close() {
    closeIfThere(unet);
    closeIfThere(textEncoder);
  }

  private static void closeIfThere(@Nullable TensorReader reader) {
    if (reader != null) {
      reader.close();
    }
  }
}
