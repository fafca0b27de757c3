package io.t2v.internal.nn;

import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Group normalisation with a learned scale and shift for each channel. */
public final class GroupNorm {
  private final long groups;
  private final double epsilon;
  private final TensorOptional scale;
  private final TensorOptional shift;

  private GroupNorm(long groups, double epsilon, TensorOptional scale, TensorOptional shift) {
    this.groups = groups;
    this.epsilon = epsilon;
    this.scale = scale;
    this.shift = shift;
  }

  /** Loads {@code weight} and {@code bias}, both [channels]. */
  public static GroupNorm load(Weights weights, long channels, long groups, double epsilon) {
    return new GroupNorm(
        groups,
        epsilon,
        weights.pool().adopt(new TensorOptional(weights.parameter("weight", channels))),
        weights.pool().adopt(new TensorOptional(weights.parameter("bias", channels))));
  }

  /** [batch, channels, ...] to the same shape and layout. */
  public Tensor forward(Tensor x) {
    try (LayerEvent event = LayerEvent.begin(LayerKind.GROUP_NORM)) {
      return torch.group_norm(x, groups, scale, shift, epsilon, true);
    }
  }
}
