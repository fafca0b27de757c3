package io.t2v.internal.nn;

import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layer normalisation over the last dimension, with a learned scale and shift. */
public final class LayerNorm {
  private final long[] width;
  private final double epsilon;
  private final TensorOptional scale;
  private final TensorOptional shift;

  private LayerNorm(long width, double epsilon, TensorOptional scale, TensorOptional shift) {
    this.width = new long[] {width};
    this.epsilon = epsilon;
    this.scale = scale;
    this.shift = shift;
  }

  /** Loads {@code weight} and {@code bias}, both [width]. */
  public static LayerNorm load(Weights weights, long width, double epsilon) {
    return new LayerNorm(
        width,
        epsilon,
        weights.pool().adopt(new TensorOptional(weights.parameter("weight", width))),
        weights.pool().adopt(new TensorOptional(weights.parameter("bias", width))));
  }

  /** [..., width] to the same shape. */
  public Tensor forward(Tensor x) {
    try (LayerEvent event = LayerEvent.begin(LayerKind.LAYER_NORM)) {
      return torch.layer_norm(x, width, scale, shift, epsilon, true);
    }
  }
}
