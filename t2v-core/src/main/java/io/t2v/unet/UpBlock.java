package io.t2v.unet;

import io.t2v.checkpoint.Weights;
import io.t2v.torch.TensorScope;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A level on the way out. The reference's UpBlock3D and CrossAttnUpBlock3D. */
final class UpBlock {
  private final List<Layer> layers = new ArrayList<>();
  private final @Nullable Upsample upsample;

  /** index: from the innermost block outwards. */
  UpBlock(UnetConfig config, Weights weights, int index, List<SpatialTransformer> textLayers) {
    int level = config.levels() - 1 - index;
    long out = config.blockOutChannels().get(level);
    long previous = config.blockOutChannels().get(Math.min(level + 1, config.levels() - 1));
    long skipOfLast = config.blockOutChannels().get(Math.max(level - 1, 0));
    boolean attention = config.upBlockTypes().get(index).equals(UnetConfig.CROSS_ATTENTION_UP);
    Layer.Builder builder =
        new Layer.Builder(
            config, weights, 1, config.headDims().get(level), config.tradeOff(level), textLayers);
    int count = config.layersPerBlock() + 1;
    for (int i = 0; i < count; i++) {
      long hidden = i == 0 ? previous : out;
      long skip = i == count - 1 ? skipOfLast : out;
      layers.add(builder.build(i, hidden + skip, out, attention));
    }
    upsample =
        level == 0
            ? null
            : Upsample.load(weights.at("upsamplers.0"), out, config.downsamplePadding());
  }

  int layers() {
    return layers.size();
  }

  /** Takes a skip connection for each layer; the next one says how large the output has to be. */
  Tensor forward(Tensor x, Pass pass, Deque<Tensor> skips, Runnable layerDone) {
    Tensor hidden = x;
    for (Layer layer : layers) {
      Tensor skip = skips.removeLast();
      try (TensorScope scope = TensorScope.open()) {
        TensorVector both = new TensorVector(hidden, skip);
        Tensor joined = torch.cat(both, 1);
        hidden.close();
        skip.close();
        hidden = scope.keep(layer.forward(joined, pass));
      }
      layerDone.run();
    }
    if (upsample == null) {
      return hidden;
    }
    Tensor next = skips.getLast();
    Tensor enlarged = upsample.forward(hidden, next.size(2), next.size(3));
    hidden.close();
    return enlarged;
  }
}
