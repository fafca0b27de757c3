package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.UpsampleConv2d;
import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A level on the way out. The reference's UpDecoderBlock2D. */
final class UpBlock {
  private final List<ResnetBlock> resnets = new ArrayList<>();
  private final @Nullable UpsampleConv2d upsample;

  /** index: from the innermost block outwards. */
  UpBlock(VaeConfig config, Weights weights, int index) {
    int level = config.levels() - 1 - index;
    long out = config.blockOutChannels().get(level);
    long in = config.blockOutChannels().get(Math.min(level + 1, config.levels() - 1));
    for (int i = 0; i <= config.layersPerBlock(); i++) {
      resnets.add(new ResnetBlock(config, weights.at("resnets", i), i == 0 ? in : out, out));
    }
    upsample = level == 0 ? null : UpsampleConv2d.doubling(weights.at("upsamplers.0.conv"), out);
  }

  /** Takes its input over. */
  Tensor forward(Tensor x) {
    Tensor hidden = x;
    for (ResnetBlock resnet : resnets) {
      Tensor next = resnet.forward(hidden);
      hidden.close();
      hidden = next;
    }
    if (upsample == null) {
      return hidden;
    }
    Tensor enlarged = upsample.forward(hidden, 2 * hidden.size(2), 2 * hidden.size(3));
    hidden.close();
    return enlarged;
  }
}
