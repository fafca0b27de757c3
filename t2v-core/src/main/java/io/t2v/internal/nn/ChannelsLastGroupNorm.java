package io.t2v.internal.nn;

import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TensorScope;
import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Group normalisation of channels-last features that stay in that layout.
 *
 * <p>libtorch's kernel for CUDA knows the contiguous layout alone: it copies features there, and
 * the next convolution copies them back. This reads them twice and writes them once: a reduction
 * over a view that splits channels into groups, then {@code x · a + b} with a scale and a shift for
 * each sample and channel. Both are float32, and the sum is rounded once. Mean and deviation are of
 * the features' number type, as in libtorch's kernel; a deviation, unlike a variance, has the range
 * of the features, so it does not overflow in float16.
 *
 * <p>Six kernels, four of them on some thousand numbers. Experimental: not seen on a GPU. On a CPU
 * libtorch's own kernel keeps the layout.
 */
final class ChannelsLastGroupNorm {
  private static final long[] WITHIN_A_GROUP = {1, 3};

  private final long groups;
  private final Tensor scale;
  private final Tensor shift;
  private final Tensor epsilon;

  /** scale and shift: [1, 1, groups, channels of a group], epsilon: [1], all float32. */
  private ChannelsLastGroupNorm(long groups, Tensor scale, Tensor shift, Tensor epsilon) {
    this.groups = groups;
    this.scale = scale;
    this.shift = shift;
    this.epsilon = epsilon;
  }

  /** Loads {@code weight} and {@code bias}, both [channels]. */
  static ChannelsLastGroupNorm load(Weights weights, long channels, long groups, double epsilon) {
    NativePool pool = weights.pool();
    try (TensorScope scope = TensorScope.open()) {
      Tensor scale = weights.raw("weight", channels).to(ScalarType.Float);
      Tensor shift = weights.raw("bias", channels).to(ScalarType.Float);
      return new ChannelsLastGroupNorm(
          groups,
          pool.adopt(scale.view(1, 1, groups, -1)),
          pool.adopt(shift.view(1, 1, groups, -1)),
          pool.adopt(shift.new_full(new long[] {1}, new Scalar(epsilon))));
    }
  }

  /** [batch, channels, height, width] to the same shape, in channels-last layout. */
  Tensor forward(Tensor x) {
    long channels = x.size(1);
    try (TensorScope scope = TensorScope.open()) {
      Tensor split = x.permute(0, 2, 3, 1).reshape(x.size(0), -1, groups, channels / groups);
      T_TensorTensor_T moments =
          torch.std_mean(split, WITHIN_A_GROUP, new ScalarOptional(new Scalar(0)), true);
      Tensor deviation = moments.get0();
      Tensor inverse = torch.addcmul(epsilon, deviation, deviation);
      inverse.rsqrt_();
      Tensor a = inverse.mul(scale);
      Tensor b = torch.addcmul(shift, moments.get1(), a, new Scalar(-1));
      Tensor out = torch.empty_like(split);
      torch.addcmul_out(out, b, split, a);
      return scope.keep(out.view(x.size(0), x.size(2), x.size(3), channels).permute(0, 3, 1, 2));
    }
  }
}
