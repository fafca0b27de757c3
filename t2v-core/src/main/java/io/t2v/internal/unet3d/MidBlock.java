package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;

/** The innermost block. The reference's UNetMidBlock3DCrossAttn. */
final class MidBlock {
  private final ResnetBlock firstResnet;
  private final TemporalConv firstTemporalConv;
  private final SpatialTransformer attention;
  private final TemporalTransformer temporalAttention;
  private final ResnetBlock secondResnet;
  private final TemporalConv secondTemporalConv;

  static void addTo(BlockList stages, UnetConfig config, Weights weights) {
    int level = config.levels() - 1;
    int text =
        SpatialTransformer.addText(
            stages,
            config,
            weights.at("attentions.0"),
            config.blockOutChannels().get(level),
            config.headDims().get(level));
    stages.add(
        weights,
        own -> {
          MidBlock block = new MidBlock(config, own, text);
          return clip -> clip.setHidden(block.forward(clip.hidden(), clip.pass()));
        });
  }

  private MidBlock(UnetConfig config, Weights weights, int text) {
    int level = config.levels() - 1;
    long channels = config.blockOutChannels().get(level);
    int headDim = config.headDims().get(level);
    double scale = config.midBlockScaleFactor();
    TradeOff tradeOff = config.tradeOff(level);
    firstResnet =
        new ResnetBlock(config, weights.at("resnets.0"), channels, channels, scale, tradeOff);
    firstTemporalConv = new TemporalConv(config, weights.at("temp_convs.0"), channels);
    attention = new SpatialTransformer(config, weights.at("attentions.0"), channels, headDim, text);
    temporalAttention =
        new TemporalTransformer(
            config, weights.at("temp_attentions.0"), channels, channels / headDim, headDim);
    secondResnet =
        new ResnetBlock(config, weights.at("resnets.1"), channels, channels, scale, tradeOff);
    secondTemporalConv = new TemporalConv(config, weights.at("temp_convs.1"), channels);
  }

  private Tensor forward(Tensor x, ForwardContext pass) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = firstTemporalConv.forward(firstResnet.forward(x, pass), pass);
      hidden = temporalAttention.forward(attention.forward(hidden, pass), pass);
      return scope.keep(secondTemporalConv.forward(secondResnet.forward(hidden, pass), pass));
    }
  }
}
