package io.t2v.internal.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** How far a result in float32 is from one in double precision. */
final class Errors {
  private Errors() {}

  /** The largest difference, as a fraction of the largest magnitude. */
  static double relative(Tensor actual, Tensor expected) {
    double off = actual.to(ScalarType.Double).sub(expected).abs().max().item_double();
    return off / expected.abs().max().item_double();
  }
}
