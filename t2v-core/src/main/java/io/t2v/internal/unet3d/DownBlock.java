package io.t2v.internal.unet3d;

import io.t2v.internal.weights.Weights;

/** A level on the way in. The reference's DownBlock3D and CrossAttnDownBlock3D. */
final class DownBlock {
  private DownBlock() {}

  /** Adds the stages of a level. Each leaves its output for the way out as well. */
  static void addTo(BlockList stages, UnetConfig config, Weights weights, int level) {
    long out = config.blockOutChannels().get(level);
    long in = level == 0 ? out : config.blockOutChannels().get(level - 1);
    boolean attention = config.downBlockTypes().get(level).equals(UnetConfig.CROSS_ATTENTION_DOWN);
    BlockLayer.Builder builder =
        new BlockLayer.Builder(
            config, weights, 1, config.headDims().get(level), config.tradeOff(level), stages);
    for (int i = 0; i < config.layersPerBlock(); i++) {
      builder.add(i, i == 0 ? in : out, out, attention, DownBlock::layer);
    }
    if (level < config.levels() - 1) {
      stages.add(
          weights.at("downsamplers.0"),
          own -> downsampling(new Downsample(own, out, config.downsamplePadding())));
    }
  }

  private static Block layer(BlockLayer layer) {
    return clip -> {
      clip.setHidden(layer.forward(clip.hidden(), clip.pass()));
      clip.pushSkip();
    };
  }

  private static Block downsampling(Downsample downsample) {
    return clip -> {
      clip.setHidden(downsample.forward(clip.hidden()));
      clip.pushSkip();
    };
  }
}
