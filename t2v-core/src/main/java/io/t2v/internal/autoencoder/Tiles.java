package io.t2v.internal.autoencoder;

import io.t2v.internal.torch.TensorScope;
import io.t2v.vae.VaeTiling;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Runs a network on overlapping tiles of its input, and blends the outputs, so that memory grows
 * with the tile and not with the image.
 *
 * <p>As in the reference, a tile is blended linearly over the overlap, first with the finished tile
 * above it, then with the one to its left; and a tile begins at every stride inside the image, even
 * if the tile before it reaches the edge. Of finished tiles, only the edges that others overlap are
 * kept.
 *
 * @param size edge of a tile of the input
 * @param stride between tiles of the input
 * @param outStride between tiles of the output
 * @param outOverlap of tiles of the output
 */
record Tiles(long size, long stride, long outStride, long outOverlap) {
  static Tiles decoding(VaeTiling tiling, long factor) {
    long stride = (long) tiling.tileSize() - tiling.overlap();
    return new Tiles(tiling.tileSize(), stride, stride * factor, tiling.overlap() * factor);
  }

  static Tiles encoding(VaeTiling tiling, long factor) {
    long stride = (long) tiling.tileSize() - tiling.overlap();
    return new Tiles(tiling.tileSize() * factor, stride * factor, stride, tiling.overlap());
  }

  /** Returns whether an input is larger than one tile. */
  boolean divides(Tensor x) {
    return x.size(2) > size || x.size(3) > size;
  }

  /**
   * Runs the network.
   *
   * @param x [n, channels, height, width]
   * @param outSize of the whole output, [n, channels', height', width']
   * @param network from a tile to its output
   * @return the output, in channels-last layout
   */
  Tensor run(Tensor x, long[] outSize, UnaryOperator<Tensor> network) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor out =
          torch.empty(outSize, x.options(), new MemoryFormatOptional(MemoryFormat.ChannelsLast));
      List<Tensor> above = List.of();
      for (long row = 0; row * stride < x.size(2); row++) {
        List<Tensor> bottoms = new ArrayList<>();
        Tensor left = null;
        for (int column = 0; column * stride < x.size(3); column++) {
          try (TensorScope tileScope = TensorScope.open()) {
            Tensor tile = network.apply(tileOf(tileOf(x, 2, row), 3, column));
            if (row > 0) {
              blend(above.get(column), tile, 2);
            }
            if (left != null) {
              blend(left, tile, 3);
              left.close();
            }
            place(tile, out, row, column);
            bottoms.add(tileScope.keep(farEdge(tile, 2)));
            left = tileScope.keep(farEdge(tile, 3));
          }
        }
        above.forEach(Tensor::close);
        above = bottoms;
      }
      return scope.keep(out);
    }
  }

  private Tensor tileOf(Tensor x, long dimension, long index) {
    long start = index * stride;
    return x.narrow(dimension, start, Math.min(size, x.size(dimension) - start));
  }

  /** A copy of the edge that the next tile overlaps. */
  private Tensor farEdge(Tensor tile, long dimension) {
    long length = tile.size(dimension);
    long kept = Math.min(outOverlap, length);
    return tile.narrow(dimension, length - kept, kept).clone();
  }

  /** Overwrites the near edge of a tile by a blend with the far edge of the tile before. */
  private static void blend(Tensor edge, Tensor tile, long dimension) {
    long extent = Math.min(edge.size(dimension), tile.size(dimension));
    for (long i = 0; i < extent; i++) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor before = edge.narrow(dimension, edge.size(dimension) - extent + i, 1);
        Tensor after = tile.narrow(dimension, i, 1);
        double weight = (double) i / extent;
        after.mul_(new Scalar(weight)).add_(before, new Scalar(1 - weight));
      }
    }
  }

  private void place(Tensor tile, Tensor out, long row, long column) {
    long height = Math.min(outStride, tile.size(2));
    long width = Math.min(outStride, tile.size(3));
    out.narrow(2, row * outStride, height)
        .narrow(3, column * outStride, width)
        .copy_(tile.narrow(2, 0, height).narrow(3, 0, width));
  }
}
