package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A level of the encoder. The reference's DownEncoderBlock2D. */
final class DownBlock {
  private final ResnetBlocks resnets;
  private final @Nullable Conv2d downsample;

  DownBlock(VaeConfig config, Weights weights, int level) {
    long out = config.blockOutChannels().get(level);
    long in = config.blockOutChannels().get(Math.max(level - 1, 0));
    resnets = ResnetBlocks.load(config, weights, config.layersPerBlock(), in, out);
    boolean innermost = level == config.levels() - 1;
    downsample =
        innermost ? null : Conv2d.load(weights.at("downsamplers.0.conv"), out, out, 3, 2, 0);
  }

  /** Frees its input. */
  Tensor forward(Tensor x) {
    Tensor hidden = resnets.forward(x);
    if (downsample == null) {
      return hidden;
    }
    try (TensorScope scope = TensorScope.open()) {
      // As in the reference, zeros at the bottom and at the right alone.
      Tensor padded = torch.constant_pad_nd(hidden, 0, 1, 0, 1);
      hidden.close();
      return scope.keep(downsample.forward(padded));
    }
  }
}
