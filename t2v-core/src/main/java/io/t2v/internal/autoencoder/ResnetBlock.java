package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.internal.nn.NormActivationConv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A residual layer. The reference's ResnetBlock2D without a timestep. */
final class ResnetBlock {
  private final NormActivationConv2d first;
  private final NormActivationConv2d second;
  private final @Nullable Conv2d shortcut;

  ResnetBlock(VaeConfig config, Weights weights, long in, long out) {
    first = load(config, weights, "1", in, out);
    second = load(config, weights, "2", out, out);
    shortcut = in == out ? null : Conv2d.load(weights.at("conv_shortcut"), in, out, 1, 1, 0);
  }

  private static NormActivationConv2d load(
      VaeConfig config, Weights weights, String index, long in, long out) {
    return new NormActivationConv2d(
        config.norm(weights.at("norm" + index), in),
        config.activation(),
        Conv2d.loadSame(weights.at("conv" + index), in, out, TradeOff.SPEED));
  }

  /** [n, in, height, width], which is overwritten, to [n, out, height, width]. */
  Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = first.forward(x);
      Tensor activated = second.activate(hidden);
      hidden.close();
      Tensor residual = shortcut == null ? x : shortcut.forward(x);
      return scope.keep(second.conv().addTo(residual, activated));
    }
  }
}
