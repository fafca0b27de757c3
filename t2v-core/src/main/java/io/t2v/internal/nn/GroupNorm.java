package io.t2v.internal.nn;

import io.t2v.device.GpuOptimization;
import io.t2v.internal.weights.Weights;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Group normalisation with a learned scale and shift for each channel. */
public final class GroupNorm {
  private final UnaryOperator<Tensor> kernel;

  private GroupNorm(UnaryOperator<Tensor> kernel) {
    this.kernel = kernel;
  }

  /** Loads {@code weight} and {@code bias}, both [channels]. */
  public static GroupNorm load(Weights weights, long channels, long groups, double epsilon) {
    if (weights.compute().uses(GpuOptimization.CHANNELS_LAST_GROUP_NORM)) {
      return new GroupNorm(ChannelsLastGroupNorm.load(weights, channels, groups, epsilon)::forward);
    }
    TensorOptional scale =
        weights.pool().adopt(new TensorOptional(weights.parameter("weight", channels)));
    TensorOptional shift =
        weights.pool().adopt(new TensorOptional(weights.parameter("bias", channels)));
    return new GroupNorm(x -> torch.group_norm(x, groups, scale, shift, epsilon, true));
  }

  /** [batch, channels, height, width] to the same shape and layout. */
  public Tensor forward(Tensor x) {
    try (LayerEvent event = LayerEvent.begin(LayerKind.GROUP_NORM)) {
      return kernel.apply(x);
    }
  }
}
