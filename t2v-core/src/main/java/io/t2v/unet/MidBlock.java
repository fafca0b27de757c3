package io.t2v.unet;

import io.t2v.checkpoint.Weights;
import io.t2v.nn.Conv2d.TradeOff;
import io.t2v.torch.TensorScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The innermost block. The reference's UNetMidBlock3DCrossAttn. */
final class MidBlock {
  private final ResnetBlock firstResnet;
  private final TemporalConv firstTemporalConv;
  private final SpatialTransformer attention;
  private final TemporalTransformer temporalAttention;
  private final ResnetBlock secondResnet;
  private final TemporalConv secondTemporalConv;

  MidBlock(UnetConfig config, Weights weights, List<SpatialTransformer> textLayers) {
    int level = config.levels() - 1;
    long channels = config.blockOutChannels().get(level);
    int headDim = config.headDims().get(level);
    double scale = config.midBlockScaleFactor();
    TradeOff tradeOff = config.tradeOff(level);
    firstResnet =
        new ResnetBlock(config, weights.at("resnets.0"), channels, channels, scale, tradeOff);
    firstTemporalConv = new TemporalConv(config, weights.at("temp_convs.0"), channels);
    attention =
        new SpatialTransformer(
            config, weights.at("attentions.0"), channels, headDim, textLayers.size());
    textLayers.add(attention);
    temporalAttention =
        new TemporalTransformer(
            config, weights.at("temp_attentions.0"), channels, channels / headDim, headDim);
    secondResnet =
        new ResnetBlock(config, weights.at("resnets.1"), channels, channels, scale, tradeOff);
    secondTemporalConv = new TemporalConv(config, weights.at("temp_convs.1"), channels);
  }

  Tensor forward(Tensor x, Pass pass) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = firstTemporalConv.forward(firstResnet.forward(x, pass), pass);
      hidden = temporalAttention.forward(attention.forward(hidden, pass), pass);
      return scope.keep(secondTemporalConv.forward(secondResnet.forward(hidden, pass), pass));
    }
  }
}
