package io.t2v.nn;

import io.t2v.torch.NativePool;
import io.t2v.torch.TensorScope;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight in eight bits: integers from -127 to 127, and for each channel that comes out the number
 * that one of them stands for. Symmetric and rounded to nearest, so a weight is off by at most a
 * 254th of the largest of its channel.
 */
final class QuantizedWeight {
  private static final double LARGEST = 127;

  /** Below it, a channel is all zeros: dividing by this leaves them so. */
  private static final double SMALLEST_STEP = 1e-12;

  private final Tensor integers;
  private final Tensor steps;

  private QuantizedWeight(Tensor integers, Tensor steps) {
    this.integers = integers;
    this.steps = steps;
  }

  /** weight: [out, ...], any layout, which stays. */
  static QuantizedWeight of(Tensor weight, NativePool pool) {
    try (TensorScope scope = TensorScope.open()) {
      if (weight.is_meta()) {
        return ofNothing(weight, pool);
      }
      Tensor exact = weight.to(ScalarType.Float);
      long[] rest = LongStream.range(1, weight.dim()).toArray();
      Tensor step =
          torch
              .amax(exact.abs(), rest, true)
              .div_(new Scalar(LARGEST))
              .clamp_min_(new Scalar(SMALLEST_STEP));
      Tensor integers =
          exact
              .div(step)
              .round_()
              .clamp_(
                  new ScalarOptional(new Scalar(-LARGEST)), new ScalarOptional(new Scalar(LARGEST)))
              .to(ScalarType.Char);
      return new QuantizedWeight(pool.adopt(integers), pool.adopt(step));
    }
  }

  /** What has no content is not computed with, but known to be as large. */
  private static QuantizedWeight ofNothing(Tensor weight, NativePool pool) {
    Tensor steps = weight.flatten(1, -1).narrow(1, 0, 1).to(ScalarType.Float);
    return new QuantizedWeight(pool.adopt(weight.to(ScalarType.Char)), pool.adopt(steps));
  }

  /** The weight in the numbers of a layer's input, of the innermost open scope. */
  Tensor widened(ScalarType type) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(integers.to(type).mul_(steps.to(type)));
    }
  }
}
