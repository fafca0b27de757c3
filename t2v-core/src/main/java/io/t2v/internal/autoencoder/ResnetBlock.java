package io.t2v.internal.autoencoder;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A residual layer. The reference's ResnetBlock2D without a timestep. */
final class ResnetBlock {
  private final GroupNorm norm1;
  private final Conv2d conv1;
  private final GroupNorm norm2;
  private final Conv2d conv2;
  private final @Nullable Conv2d shortcut;
  private final Activation activation;

  ResnetBlock(VaeConfig config, Weights weights, long in, long out) {
    norm1 = GroupNorm.load(weights.at("norm1"), in, config.normGroups(), VaeConfig.EPSILON);
    conv1 = Conv2d.loadSame(weights.at("conv1"), in, out, TradeOff.SPEED);
    norm2 = GroupNorm.load(weights.at("norm2"), out, config.normGroups(), VaeConfig.EPSILON);
    conv2 = Conv2d.loadSame(weights.at("conv2"), out, out, TradeOff.SPEED);
    shortcut = in == out ? null : Conv2d.load(weights.at("conv_shortcut"), in, out, 1, 1, 0);
    activation = config.activation();
  }

  /** [n, in, height, width], which is overwritten, to [n, out, height, width]. */
  Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor normed = activation.applyInPlace(norm1.forward(x));
      Tensor hidden = conv1.forward(normed);
      normed.close();
      normed = activation.applyInPlace(norm2.forward(hidden));
      hidden.close();
      return scope.keep(conv2.addTo(shortcut == null ? x : shortcut.forward(x), normed));
    }
  }
}
