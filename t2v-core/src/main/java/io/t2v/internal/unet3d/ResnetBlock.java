package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.nn.NormActivationConv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A residual layer on single frames, shifted by the timestep. The reference's ResnetBlock2D. */
final class ResnetBlock {
  private final NormActivationConv2d first;
  private final Linear timeProjection;
  private final NormActivationConv2d second;
  private final @Nullable Conv2d shortcut;
  private final double outputScale;

  ResnetBlock(
      UnetConfig config,
      Weights weights,
      long in,
      long out,
      double outputScale,
      TradeOff tradeOff) {
    first =
        new NormActivationConv2d(
            config.norm(weights.at("norm1"), in),
            config.activation(),
            Conv2d.loadSame(weights.at("conv1"), in, out, tradeOff));
    timeProjection = Linear.load(weights.at("time_emb_proj"), config.timeEmbeddingDim(), out);
    second =
        new NormActivationConv2d(
            config.norm(weights.at("norm2"), out),
            config.activation(),
            Conv2d.loadSame(weights.at("conv2"), out, out, tradeOff));
    shortcut = in == out ? null : Conv2d.load(weights.at("conv_shortcut"), in, out, 1, 1, 0);
    this.outputScale = outputScale;
  }

  /** [n, in, height, width] to [n, out, height, width]. */
  Tensor forward(Tensor x, ForwardContext context) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = first.forward(x);
      hidden.add_(timeShift(hidden, context));
      Tensor out = second.forwardFreeing(hidden, shortcut == null ? x : shortcut.forward(x));
      if (outputScale != 1) {
        out.div_(new Scalar(outputScale));
      }
      return scope.keep(out);
    }
  }

  /** [1 or n, out, 1, 1]. */
  private Tensor timeShift(Tensor hidden, ForwardContext context) {
    Tensor shift = timeProjection.forward(context.time());
    long channels = shift.size(1);
    if (shift.size(0) == 1) {
      return shift.view(1, channels, 1, 1);
    }
    return shift
        .unsqueeze(1)
        .expand(shift.size(0), context.frames(), channels)
        .reshape(hidden.size(0), channels, 1, 1);
  }
}
