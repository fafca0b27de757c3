package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One of the equal layers of a block: a residual layer and a temporal convolution, then, in blocks
 * with attention, the two transformers.
 */
final class BlockLayer {
  private static final int NO_TEXT = -1;

  private final ResnetBlock resnet;
  private final TemporalConv temporalConv;
  private final @Nullable SpatialTransformer attention;
  private final @Nullable TemporalTransformer temporalAttention;

  private BlockLayer(
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
      BlockList stages) {
    /** Adds the layer with this number: its convolutions, and attention if the block has any. */
    void add(
        int index, long in, long out, boolean hasAttention, Function<BlockLayer, Block> stage) {
      int text =
          hasAttention
              ? SpatialTransformer.addText(
                  stages, config, block.at("attentions", index), out, headDim)
              : NO_TEXT;
      stages.add(
          block.at("resnets", index).name(),
          block,
          own -> stage.apply(make(own, index, in, out, text)));
    }

    private BlockLayer make(Weights own, int index, long in, long out, int text) {
      ResnetBlock resnet =
          new ResnetBlock(config, own.at("resnets", index), in, out, outputScale, tradeOff);
      TemporalConv temporalConv = new TemporalConv(config, own.at("temp_convs", index), out);
      if (text == NO_TEXT) {
        return new BlockLayer(resnet, temporalConv, null, null);
      }
      return new BlockLayer(
          resnet,
          temporalConv,
          new SpatialTransformer(config, own.at("attentions", index), out, headDim, text),
          new TemporalTransformer(
              config, own.at("temp_attentions", index), out, out / headDim, headDim));
    }
  }

  Tensor forward(Tensor x, ForwardContext pass) {
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
