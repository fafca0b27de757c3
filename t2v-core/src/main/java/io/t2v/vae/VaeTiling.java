package io.t2v.vae;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.autoencoder.VaeConfig;
import io.t2v.internal.files.JsonConfig;

/**
 * Cuts large images into overlapping square tiles, which are coded one after the other and blended
 * where they overlap: memory then grows with the tile, not with the image.
 *
 * <p>The result is not the same as without tiles: normalisation and attention see one tile at a
 * time, which may show as slight differences in colour between tiles. Images that are no larger
 * than a tile in both directions are not cut.
 *
 * @param tileSize edge of a tile in pixels of the latents, at least 1
 * @param overlap of neighbouring tiles in pixels of the latents, at least 0 and less than the
 *     tile's edge
 */
public record VaeTiling(int tileSize, int overlap) {
  /**
   * Checks the values.
   *
   * @param tileSize at least 1
   * @param overlap at least 0 and less than the tile's edge
   * @throws IllegalArgumentException if one is out of range
   */
  public VaeTiling {
    checkArgument(tileSize >= 1, "tileSize is %s, expected at least 1", tileSize);
    checkArgument(
        overlap >= 0 && overlap < tileSize,
        "overlap is %s, expected at least 0 and less than tileSize = %s",
        overlap,
        tileSize);
  }

  /**
   * The reference's choice: tiles of the size that the autoencoder was trained on, a quarter of
   * which overlap.
   *
   * @param json options of an AutoencoderKL
   * @return the tiling, such as 64 and 16 for {@code sample_size} 512
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible
   */
  public static VaeTiling fromConfig(JsonConfig json) {
    VaeConfig config = VaeConfig.read(json);
    int tile = Math.max(1, config.sampleSize() / config.scaleFactor());
    return new VaeTiling(tile, tile / 4);
  }
}
