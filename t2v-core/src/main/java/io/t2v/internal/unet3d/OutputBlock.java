package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.NormActivationConv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.torch.VideoLayout;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * The normalisation and the convolution behind the last level. They turn features into predictions,
 * [samples, out channels, frames, height, width].
 */
record OutputBlock(NormActivationConv2d conv) implements Block {
  static OutputBlock load(UnetConfig config, Weights weights) {
    long outer = config.channels(0);
    return new OutputBlock(
        new NormActivationConv2d(
            config.norm(weights.at("conv_norm_out"), outer),
            Activation.SILU,
            Conv2d.load(weights.at("conv_out"), outer, config.outChannels(), 3, 1, 1)));
  }

  @Override
  public void forward(Features features) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor out = conv.forwardFreeing(features.hidden());
      features.setHidden(scope.keep(VideoLayout.unfoldFrames(out, features.context().frames())));
    }
  }
}
