package io.t2v.internal.unet3d;

/**
 * Where the network is cut to reuse deep features: the blocks between are left out, and what they
 * would give comes from a cache.
 *
 * <p>The up path joins the skip connections in reverse order. So behind as many blocks of the down
 * path as the depth says, the up path is entered at the layer that joins the skip of the last of
 * them. At depth 0, that is the very last layer, which joins the skip of the input block.
 *
 * @param down how many blocks of the down path are computed: the depth
 * @param up index of the first block of the up path that is computed
 * @see io.t2v.unet.FeatureCache
 */
record NetworkCut(int down, int up) {
  /** The depths at which a network can be cut: one for each skip connection. */
  static int depths(UnetConfig config) {
    return downBlocks(config) + 1;
  }

  /** depth: less than {@link #depths}. */
  static NetworkCut at(UnetConfig config, int depth) {
    int down = downBlocks(config);
    int layersOfLevel = config.layersPerBlock() + 1;
    int layersBefore = down - depth;
    int upsamplersBefore = layersBefore / layersOfLevel;
    int middle = 1;
    return new NetworkCut(depth, down + middle + layersBefore + upsamplersBefore);
  }

  /** Layers, and a downsampling between levels. */
  private static int downBlocks(UnetConfig config) {
    return config.levels() * config.layersPerBlock() + config.levels() - 1;
  }

  /** Level of the features at the cut, from the outermost one. */
  int level(UnetConfig config) {
    int layersBefore = downBlocks(config) - down;
    return config.levels() - 1 - layersBefore / (config.layersPerBlock() + 1);
  }

  /** Channels of the features at the cut; those that enter a level come from the level below. */
  int channels(UnetConfig config) {
    int layersBefore = downBlocks(config) - down;
    boolean entersLevel = layersBefore % (config.layersPerBlock() + 1) == 0;
    int level = level(config) + (entersLevel ? 1 : 0);
    return config.channels(Math.min(level, config.levels() - 1));
  }
}
