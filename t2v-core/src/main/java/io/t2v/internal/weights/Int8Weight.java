package io.t2v.internal.weights;

import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TensorScope;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight as integers from -127 to 127, and for each channel that comes out the number that one of
 * them stands for. Symmetric and rounded to nearest, so a weight is off by at most a 254th of the
 * largest of its channel.
 */
record Int8Weight(Tensor integers, Tensor steps) {
  private static final double LARGEST = 127;

  /** For channels of zeros, which nothing can be divided by. */
  private static final double SMALLEST_STEP = 1e-12;

  /** weight: float32, [out, ...]. */
  static Int8Weight of(Tensor weight, NativePool pool) {
    try (TensorScope scope = TensorScope.open()) {
      long[] rest = LongStream.range(1, weight.dim()).toArray();
      Tensor steps =
          torch
              .amax(weight.abs(), rest, true)
              .div_(new Scalar(LARGEST))
              .clamp_min_(new Scalar(SMALLEST_STEP));
      Tensor integers =
          weight
              .div(steps)
              .round_()
              .clamp_(
                  new ScalarOptional(new Scalar(-LARGEST)), new ScalarOptional(new Scalar(LARGEST)))
              .to(ScalarType.Char);
      return new Int8Weight(pool.adopt(integers), pool.adopt(steps));
    }
  }

  /** The weight in float32, of the innermost open scope. */
  Tensor widened() {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(integers.to(ScalarType.Float).mul_(steps));
    }
  }

  /** Writes the weight into a tensor of its shape, of any floating point dtype. */
  void widenTo(Tensor out) {
    out.copy_(integers);
    out.mul_(steps);
  }
}
