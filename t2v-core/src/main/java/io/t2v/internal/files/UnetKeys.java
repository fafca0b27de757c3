package io.t2v.internal.files;

import io.t2v.checkpoint.CheckpointException;
import java.util.List;

/** Recognises by its names how a file of a UNet's weights was written. */
final class UnetKeys {
  /** Every UNet of this kind has it, and no other network does. */
  private static final String TIME_EMBEDDING = "time_embedding.linear_1.weight";

  private UnetKeys() {}

  /**
   * Shows a UNet's weights under diffusers' names, if it has those or ModelScope's. What stands
   * before these names, such as {@code state_dict.} or {@code unet.}, is left out, and so are
   * tensors that lack it.
   *
   * @throws CheckpointException if the names are not a UNet's, or there are several UNets
   */
  static TensorFiles ofDiffusers(TensorFiles files) {
    if (UnetSdKeys.isOriginal(files)) {
      return UnetSdKeys.forDiffusers(files);
    }
    List<String> prefixes = KeyPrefix.before(TIME_EMBEDDING, files);
    if (prefixes.size() != 1) {
      throw new CheckpointException(
          files
              + (prefixes.isEmpty()
                  ? " holds no UNet by diffusers' or ModelScope's names: there is no tensor "
                      + TIME_EMBEDDING
                      + "."
                  : " holds more than one UNet, under " + prefixes + ": expected one."));
    }
    return KeyPrefix.below(prefixes.get(0), files);
  }

  /** Whether there is a UNet, under diffusers' names or ModelScope's, with any prefix. */
  static boolean isIn(TensorFiles files) {
    return UnetSdKeys.isOriginal(files) || !KeyPrefix.before(TIME_EMBEDDING, files).isEmpty();
  }
}
