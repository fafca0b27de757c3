package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A level on the way in. The reference's DownEncoderBlock2D. */
final class DownBlock {
  private final List<ResnetBlock> resnets = new ArrayList<>();
  private final @Nullable Conv2d downsample;

  DownBlock(VaeConfig config, Weights weights, int level) {
    long out = config.blockOutChannels().get(level);
    long in = config.blockOutChannels().get(Math.max(level - 1, 0));
    for (int i = 0; i < config.layersPerBlock(); i++) {
      resnets.add(new ResnetBlock(config, weights.at("resnets", i), i == 0 ? in : out, out));
    }
    boolean innermost = level == config.levels() - 1;
    downsample =
        innermost ? null : Conv2d.load(weights.at("downsamplers.0.conv"), out, out, 3, 2, 0);
  }

  /** Takes its input over. */
  Tensor forward(Tensor x) {
    Tensor hidden = x;
    for (ResnetBlock resnet : resnets) {
      Tensor next = resnet.forward(hidden);
      hidden.close();
      hidden = next;
    }
    if (downsample == null) {
      return hidden;
    }
    try (TensorScope scope = TensorScope.open()) {
      // One row and one column of zeros at the far edges only.
      Tensor padded = torch.constant_pad_nd(hidden, 0, 1, 0, 1);
      hidden.close();
      return scope.keep(downsample.forward(padded));
    }
  }
}
