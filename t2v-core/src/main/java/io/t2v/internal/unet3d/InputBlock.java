package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * The convolution and the temporal transformer before the first level. They see neither the text
 * nor the timestep, so that all samples of a video share what they compute.
 */
final class InputBlock {
  private static final int HEADS = 8;

  private final Conv2d conv;
  private final TemporalTransformer transformer;

  InputBlock(UnetConfig config, Weights weights) {
    long outer = config.channels(0);
    conv = Conv2d.load(weights.at("conv_in"), config.inChannels(), outer, 3, 1, 1);
    transformer =
        new TemporalTransformer(
            config, weights.at("transformer_in"), outer, HEADS, config.headDims().get(0));
  }

  /** Width of the transformer's tokens. */
  static long tokenWidth(UnetConfig config) {
    return (long) HEADS * config.headDims().get(0);
  }

  /**
   * [1, channels, frames, height, width] to [frames, channels of the first level, height, width].
   */
  Tensor forward(Tensor latents, ForwardContext context) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(
          transformer.forward(conv.forward(VideoLayout.foldFramesChannelsLast(latents)), context));
    }
  }
}
