package io.t2v;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Resizes the latents of a video, frame by frame: a way to enlarge a video before video to video
 * that skips decoding and encoding. Coarser than resizing its frames, since latents do not blend
 * like colours; the second model repairs that.
 *
 * <pre>{@code
 * NdArray large = LatentResize.bilinear(small.prepare(request).toLatents(), 72, 128);
 * xl.generate(request.toBuilder().size(1024, 576).initLatents(large).strength(0.6).build());
 * }</pre>
 */
public final class LatentResize {
  private LatentResize() {}

  /**
   * Interpolates linearly along rows and columns, as PyTorch's {@code interpolate(mode="bilinear",
   * align_corners=False)}.
   *
   * @param latents [videos, channels, frames, height, width]
   * @param height of the new latents, at least 1: the height in pixels divided by the autoencoder's
   *     factor, 8 for the published model
   * @param width of the new latents, likewise
   * @return [videos, channels, frames, height, width] of the new size
   * @throws IllegalArgumentException if the array has not five dimensions, or a size is below 1
   */
  public static NdArray bilinear(NdArray latents, int height, int width) {
    long[] shape = latents.shape();
    checkArgument(
        shape.length == 5,
        "latents are %s, expected [videos, channels, frames, height, width]",
        latents);
    checkArgument(
        height >= 1 && width >= 1, "size is %s × %s, expected at least 1 × 1", width, height);
    int oldHeight = (int) shape[3];
    int oldWidth = (int) shape[4];
    float[] values = latents.values();
    int planes = values.length / (oldHeight * oldWidth);
    Place[] rows = places(oldHeight, height);
    Place[] columns = places(oldWidth, width);
    float[] resized = new float[Math.multiplyExact(planes, Math.multiplyExact(height, width))];
    int next = 0;
    for (int plane = 0; plane < planes; plane++) {
      int start = plane * oldHeight * oldWidth;
      for (Place row : rows) {
        for (Place column : columns) {
          float above = between(values, start + row.before() * oldWidth, column);
          float below = between(values, start + row.after() * oldWidth, column);
          resized[next++] = (1 - row.share()) * above + row.share() * below;
        }
      }
    }
    shape[3] = height;
    shape[4] = width;
    return NdArray.of(shape, resized);
  }

  /**
   * Where a new cell lies among the old ones.
   *
   * @param share of the cell after it
   */
  private record Place(int before, int after, float share) {}

  private static Place[] places(int oldSize, int newSize) {
    Place[] places = new Place[newSize];
    float scale = (float) oldSize / newSize;
    for (int i = 0; i < newSize; i++) {
      float place = Math.max(0, (i + 0.5f) * scale - 0.5f);
      int before = Math.min((int) place, oldSize - 1);
      places[i] = new Place(before, Math.min(before + 1, oldSize - 1), place - before);
    }
    return places;
  }

  private static float between(float[] values, int row, Place column) {
    return (1 - column.share()) * values[row + column.before()]
        + column.share() * values[row + column.after()];
  }
}
