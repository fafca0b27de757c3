package io.t2v.vae;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Cuts large images into overlapping square tiles, which are coded one after the other and blended
 * where they overlap: memory then grows with the tile, not with the image.
 *
 * <p>The result is not the same as without tiles: normalisation and attention see one tile at a
 * time, which may show as slight differences in color between tiles. Images that are no larger than
 * a tile in both directions are not cut.
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
}
