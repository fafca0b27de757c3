package io.t2v.internal.unet3d;

import io.t2v.internal.weights.Weights;

/** A level of the down path. The reference's DownBlock3D and CrossAttnDownBlock3D. */
final class DownLevel {
  private DownLevel() {}

  /** Adds the level's layers and its downsampling, each of which leaves a skip connection. */
  static void addTo(UnetBuilder unet, UnetConfig config, Weights weights, int level) {
    long out = config.channels(level);
    boolean attention = config.downBlockTypes().get(level).equals(UnetConfig.CROSS_ATTENTION_DOWN);
    BlockLayer.Builder layers = new BlockLayer.Builder(unet, config, weights, level, attention);
    for (int i = 0; i < config.layersPerBlock(); i++) {
      layers.add(i, i == 0 ? config.channels(Math.max(level - 1, 0)) : out, DownLevel::layer);
    }
    if (level < config.levels() - 1) {
      unet.addBlock(
          weights.at("downsamplers.0"),
          own -> downsampling(new Downsample(own, out, config.downsamplePadding())));
    }
  }

  private static Block layer(BlockLayer layer) {
    return features -> {
      features.setHidden(layer.forward(features.hidden(), features.context()));
      features.pushSkip();
    };
  }

  private static Block downsampling(Downsample downsample) {
    return features -> {
      features.setHidden(downsample.forward(features.hidden()));
      features.pushSkip();
    };
  }
}
