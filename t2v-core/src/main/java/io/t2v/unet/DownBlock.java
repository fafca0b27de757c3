package io.t2v.unet;

import io.t2v.checkpoint.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A level on the way in. The reference's DownBlock3D and CrossAttnDownBlock3D. */
final class DownBlock {
  private final List<Layer> layers = new ArrayList<>();
  private final @Nullable Downsample downsample;

  DownBlock(UnetConfig config, Weights weights, int level, List<SpatialTransformer> textLayers) {
    long out = config.blockOutChannels().get(level);
    long in = level == 0 ? out : config.blockOutChannels().get(level - 1);
    boolean attention = config.downBlockTypes().get(level).equals(UnetConfig.CROSS_ATTENTION_DOWN);
    Layer.Builder builder =
        new Layer.Builder(
            config, weights, 1, config.headDims().get(level), config.tradeOff(level), textLayers);
    for (int i = 0; i < config.layersPerBlock(); i++) {
      layers.add(builder.build(i, i == 0 ? in : out, out, attention));
    }
    downsample =
        level == config.levels() - 1
            ? null
            : new Downsample(weights.at("downsamplers.0"), out, config.downsamplePadding());
  }

  int layers() {
    return layers.size();
  }

  /** Hands every layer's output, and the downsampled one, to the skip connections. */
  Tensor forward(Tensor x, Pass pass, List<Tensor> skips, Runnable layerDone) {
    Tensor hidden = x;
    for (Layer layer : layers) {
      hidden = layer.forward(hidden, pass);
      skips.add(hidden);
      layerDone.run();
    }
    if (downsample != null) {
      hidden = downsample.forward(hidden);
      skips.add(hidden);
    }
    return hidden;
  }
}
