package io.t2v.vae;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How to divide large images into square tiles, which overlap, are computed one after the other and
 * are blended. Memory then grows with the tile and not with the image.
 *
 * <p>The result differs slightly from that without tiles, most visibly in color: normalisation and
 * attention see one tile at a time. Images that are no larger than a tile in both directions are
 * computed as a whole.
 *
 * @param tileSize edge of a tile in pixels of the latents, at least 1
 * @param overlap of neighbouring tiles in pixels of the latents, at least 0 and less than {@code
 *     tileSize}
 */
public record VaeTiling(int tileSize, int overlap) {
  /**
   * Checks the values.
   *
   * @param tileSize at least 1
   * @param overlap at least 0 and less than {@code tileSize}
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
