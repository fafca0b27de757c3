package io.t2v.scheduler;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weighted sum of tensors, added up in place in a tensor of its own: one kernel per term. Half
 * precision is added up in single precision.
 */
final class Sum {
  private final Tensor total;

  private Sum(Tensor total) {
    this.total = total;
  }

  static Sum of(double weight, Tensor tensor) {
    ScalarType type = tensor.scalar_type().intern();
    if (type == ScalarType.Half || type == ScalarType.BFloat16) {
      return new Sum(tensor.to(ScalarType.Float).mul_(new Scalar(weight)));
    }
    return new Sum(tensor.mul(new Scalar(weight)));
  }

  Sum plus(double weight, Tensor tensor) {
    if (weight != 0) {
      total.add_(tensor, new Scalar(weight));
    }
    return this;
  }

  Tensor tensor() {
    return total;
  }
}
