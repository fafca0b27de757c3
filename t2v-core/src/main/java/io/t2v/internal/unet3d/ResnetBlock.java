package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.nn.Linear;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A residual layer on single frames that knows the timestep. The reference's ResnetBlock2D. */
final class ResnetBlock {
  private final GroupNorm norm1;
  private final Conv2d conv1;
  private final Linear timeProjection;
  private final GroupNorm norm2;
  private final Conv2d conv2;
  private final @Nullable Conv2d shortcut;
  private final Activation activation;
  private final double outputScale;

  ResnetBlock(
      UnetConfig config,
      Weights weights,
      long in,
      long out,
      double outputScale,
      TradeOff tradeOff) {
    norm1 = GroupNorm.load(weights.at("norm1"), in, config.normGroups(), config.normEpsilon());
    conv1 = Conv2d.loadSame(weights.at("conv1"), in, out, tradeOff);
    timeProjection = Linear.load(weights.at("time_emb_proj"), config.timeEmbeddingDim(), out);
    norm2 = GroupNorm.load(weights.at("norm2"), out, config.normGroups(), config.normEpsilon());
    conv2 = Conv2d.loadSame(weights.at("conv2"), out, out, tradeOff);
    shortcut = in == out ? null : Conv2d.load(weights.at("conv_shortcut"), in, out, 1, 1, 0);
    activation = config.activation();
    this.outputScale = outputScale;
  }

  /** [n, in, height, width] to [n, out, height, width]. */
  Tensor forward(Tensor x, ForwardContext pass) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor normed = activation.applyInPlace(norm1.forward(x));
      Tensor hidden = conv1.forward(normed);
      normed.close();
      hidden.add_(timeOf(hidden, pass));
      normed = activation.applyInPlace(norm2.forward(hidden));
      hidden.close();
      Tensor out = conv2.forward(normed);
      normed.close();
      out.add_(shortcut == null ? x : shortcut.forward(x));
      if (outputScale != 1) {
        out.div_(new Scalar(outputScale));
      }
      return scope.keep(out);
    }
  }

  /** The timestep's shift of each channel, [1 or n, out, 1, 1]. */
  private Tensor timeOf(Tensor hidden, ForwardContext pass) {
    Tensor shift = timeProjection.forward(pass.time());
    long channels = shift.size(1);
    if (shift.size(0) == 1) {
      return shift.view(1, channels, 1, 1);
    }
    return shift
        .unsqueeze(1)
        .expand(shift.size(0), pass.frames(), channels)
        .reshape(hidden.size(0), channels, 1, 1);
  }
}
