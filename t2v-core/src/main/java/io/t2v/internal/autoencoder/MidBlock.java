package io.t2v.internal.autoencoder;

import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The innermost block. The reference's UNetMidBlock2D. */
final class MidBlock {
  private final ResnetBlock first;
  private final @Nullable SelfAttention attention;
  private final ResnetBlock second;

  MidBlock(VaeConfig config, Weights weights) {
    long channels = config.innermostChannels();
    first = new ResnetBlock(config, weights.at("resnets.0"), channels, channels);
    attention =
        config.midAttention()
            ? new SelfAttention(config, weights.at("attentions.0"), channels)
            : null;
    second = new ResnetBlock(config, weights.at("resnets.1"), channels, channels);
  }

  /** x: overwritten. */
  Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = first.forward(x);
      if (attention != null) {
        attention.addTo(hidden);
      }
      return scope.keep(second.forward(hidden));
    }
  }
}
