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
 * Runs a network on overlapping tiles of its input, and blends their results.
 *
 * <p>As in the reference, a tile is first blended with the finished tile above it, then with the
 * finished one to its left, linearly over the overlap; and there is a tile at every stride that
 * begins inside the image, even if the tile before reaches the edge. Of finished tiles only the
 * edges that are still to be blended are kept.
 *
 * @param size of a tile of the input
 * @param stride from tile to tile in the input
 * @param outStride from tile to tile in the output
 * @param outOverlap of tiles in the output
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

  /** Whether an input is larger than one tile. */
  boolean cut(Tensor x) {
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
            Tensor tile = network.apply(part(part(x, 2, row), 3, column));
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

  private Tensor part(Tensor x, long dimension, long index) {
    long start = index * stride;
    return x.narrow(dimension, start, Math.min(size, x.size(dimension) - start));
  }

  /** A copy of what the next tile overlaps. */
  private Tensor farEdge(Tensor tile, long dimension) {
    long length = tile.size(dimension);
    long kept = Math.min(outOverlap, length);
    return tile.narrow(dimension, length - kept, kept).clone();
  }

  /** Fades from the edge of a finished tile into the next tile, which is overwritten. */
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
