package io.t2v.unet;

import io.t2v.checkpoint.Weights;
import io.t2v.nn.Conv2d.TradeOff;
import io.t2v.torch.TensorScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One of the equal layers of a block: a residual layer and a temporal convolution, then, in blocks
 * with attention, the two transformers.
 */
final class Layer {
  private final ResnetBlock resnet;
  private final TemporalConv temporalConv;
  private final @Nullable SpatialTransformer attention;
  private final @Nullable TemporalTransformer temporalAttention;

  private Layer(
      ResnetBlock resnet,
      TemporalConv temporalConv,
      @Nullable SpatialTransformer attention,
      @Nullable TemporalTransformer temporalAttention) {
    this.resnet = resnet;
    this.temporalConv = temporalConv;
    this.attention = attention;
    this.temporalAttention = temporalAttention;
  }

  /** What the layers of one block have in common. */
  record Builder(
      UnetConfig config,
      Weights block,
      double outputScale,
      int headDim,
      TradeOff tradeOff,
      List<SpatialTransformer> textLayers) {
    /** Makes the layer with this number: its convolutions, and attention if the block has any. */
    Layer build(int index, long in, long out, boolean hasAttention) {
      ResnetBlock resnet =
          new ResnetBlock(config, block.at("resnets", index), in, out, outputScale, tradeOff);
      TemporalConv temporalConv = new TemporalConv(config, block.at("temp_convs", index), out);
      if (!hasAttention) {
        return new Layer(resnet, temporalConv, null, null);
      }
      SpatialTransformer attention =
          new SpatialTransformer(
              config, block.at("attentions", index), out, headDim, textLayers.size());
      textLayers.add(attention);
      TemporalTransformer temporalAttention =
          new TemporalTransformer(
              config, block.at("temp_attentions", index), out, out / headDim, headDim);
      return new Layer(resnet, temporalConv, attention, temporalAttention);
    }
  }

  Tensor forward(Tensor x, Pass pass) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = resnet.forward(x, pass);
      Tensor next = temporalConv.forward(hidden, pass);
      hidden.close();
      if (attention != null && temporalAttention != null) {
        hidden = attention.forward(next, pass);
        next.close();
        next = temporalAttention.forward(hidden, pass);
        hidden.close();
      }
      return scope.keep(next);
    }
  }
}
