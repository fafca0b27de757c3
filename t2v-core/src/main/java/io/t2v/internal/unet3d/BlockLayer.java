package io.t2v.internal.unet3d;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.OptionalInt;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The layer that the levels of the network repeat: a residual layer and a temporal convolution,
 * then a spatial and a temporal transformer in levels with attention.
 */
final class BlockLayer {
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

  /**
   * Adds the layers of one level of the down or up path, each as a block.
   *
   * @param weights of the level
   * @param level from the outermost one
   */
  record Builder(
      UnetBuilder unet, UnetConfig config, Weights weights, int level, boolean attention) {
    /** block: what to do around the layer. */
    void add(int index, long in, Function<BlockLayer, Block> block) {
      OptionalInt text =
          attention
              ? OptionalInt.of(
                  SpatialTransformer.addTextProjection(
                      unet, config, weights.at("attentions", index), level))
              : OptionalInt.empty();
      unet.addBlock(
          weights.at("resnets", index).name(),
          weights,
          own -> block.apply(load(config, own, level, index, in, 1, text)));
    }
  }

  /** textIndex: what {@link UnetBuilder#addTextProjection} returned; empty without attention. */
  static BlockLayer load(
      UnetConfig config,
      Weights weights,
      int level,
      int index,
      long in,
      double outputScale,
      OptionalInt textIndex) {
    long out = config.channels(level);
    int headDim = config.headDims().get(level);
    ResnetBlock resnet =
        new ResnetBlock(
            config, weights.at("resnets", index), in, out, outputScale, config.tradeOff(level));
    TemporalConv temporalConv = new TemporalConv(config, weights.at("temp_convs", index), out);
    if (textIndex.isEmpty()) {
      return new BlockLayer(resnet, temporalConv, null, null);
    }
    return new BlockLayer(
        resnet,
        temporalConv,
        new SpatialTransformer(
            config, weights.at("attentions", index), out, headDim, textIndex.getAsInt()),
        new TemporalTransformer(
            config, weights.at("temp_attentions", index), out, out / headDim, headDim));
  }

  /** [samples × frames, in, height, width] to [samples × frames, out, height, width]. */
  Tensor forward(Tensor x, ForwardContext context) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = resnet.forward(x, context);
      Tensor next = temporalConv.forward(hidden, context);
      hidden.close();
      if (attention != null && temporalAttention != null) {
        hidden = attention.forward(next, context);
        next.close();
        next = temporalAttention.forward(hidden, context);
        hidden.close();
      }
      return scope.keep(next);
    }
  }
}
