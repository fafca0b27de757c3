package io.t2v.internal.unet3d;

import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d;
import io.t2v.internal.nn.GroupNorm;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Four convolutions over frames, added to their input. The reference's TemporalConvLayer. */
final class TemporalConv {
  private static final double EPSILON = 1e-5;
  private static final int STAGES = 4;

  private final List<Stage> stages = new ArrayList<>();

  TemporalConv(UnetConfig config, Weights weights, long channels) {
    for (int i = 1; i <= STAGES; i++) {
      Weights stage = weights.at("conv" + i);
      // From the second stage on, the reference has a dropout layer before the convolution.
      String conv = i == 1 ? "2" : "3";
      stages.add(
          new Stage(
              GroupNorm.load(stage.at("0"), channels, config.normGroups(), EPSILON),
              Conv2d.loadTemporal(stage.at(conv), channels, channels)));
    }
  }

  /** [clips × frames, channels, height, width], same shape. */
  Tensor forward(Tensor x, ForwardContext pass) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor input = TokenLayouts.frameColumns(x, pass.frames());
      Tensor hidden = stages.get(0).forward(input);
      for (Stage stage : stages.subList(1, STAGES)) {
        Tensor next = stage.forward(hidden);
        hidden.close();
        hidden = next;
      }
      hidden.add_(input);
      return scope.keep(TokenLayouts.images(hidden, x.size(2), x.size(3)));
    }
  }

  private record Stage(GroupNorm norm, Conv2d conv) {
    Tensor forward(Tensor x) {
      try (TensorScope scope = TensorScope.open()) {
        return scope.keep(conv.forward(Activation.SILU.applyInPlace(norm.forward(x))));
      }
    }
  }
}
