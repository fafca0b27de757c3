package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.nn.NormActivationConv2d;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Four temporal convolutions in a row, added to their input. The reference's TemporalConvLayer.
 *
 * <p>They are computed as 2-D ones, see {@link Conv2d#loadTemporal}.
 */
final class TemporalConv {
  private static final double EPSILON = 1e-5;
  private static final int COUNT = 4;

  private final List<NormActivationConv2d> convs = new ArrayList<>();

  TemporalConv(UnetConfig config, Weights weights, long channels) {
    for (int i = 1; i <= COUNT; i++) {
      Weights own = weights.at("conv" + i);
      // All but the first have a dropout layer before the convolution in the reference.
      String conv = i == 1 ? "2" : "3";
      convs.add(
          new NormActivationConv2d(
              GroupNorm.load(own.at("0"), channels, config.normGroups(), EPSILON),
              Activation.SILU,
              Conv2d.loadTemporal(own.at(conv), channels, channels)));
    }
  }

  /** [samples × frames, channels, height, width] to the same shape. */
  Tensor forward(Tensor x, ForwardContext context) {
    double strength = context.adjustments().temporalConvStrength();
    try (TensorScope scope = TensorScope.open()) {
      if (strength == 0) {
        return scope.keep(x.view_as(x));
      }
      Tensor input = TokenLayouts.frameColumns(x, context.frames());
      Tensor hidden = convs.get(0).forward(input);
      for (NormActivationConv2d conv : convs.subList(1, COUNT - 1)) {
        hidden = conv.forwardFreeing(hidden);
      }
      NormActivationConv2d last = convs.get(COUNT - 1);
      hidden =
          strength == 1
              ? last.forwardFreeing(hidden, input)
              : last.forwardFreeing(hidden).mul_(new Scalar(strength)).add_(input);
      return scope.keep(TokenLayouts.images(hidden, x.size(2), x.size(3)));
    }
  }
}
