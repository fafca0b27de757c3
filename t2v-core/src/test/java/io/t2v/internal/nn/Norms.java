package io.t2v.internal.nn;

import io.t2v.internal.weights.Weights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Normalisations written out in double precision. */
final class Norms {
  private Norms() {}

  static Tensor layerNorm(Tensor x, Weights weights, long width, double epsilon) {
    return normalise(x.to(ScalarType.Double), epsilon)
        .mul(weights.raw("weight", width).to(ScalarType.Double))
        .add(weights.raw("bias", width).to(ScalarType.Double));
  }

  static Tensor groupNorm(Tensor x, Weights weights, long groups, double epsilon) {
    long channels = x.size(1);
    return normalise(x.to(ScalarType.Double).reshape(x.size(0), groups, -1), epsilon)
        .view(x.size(0), channels, x.size(2), x.size(3))
        .mul(weights.raw("weight", channels).to(ScalarType.Double).view(channels, 1, 1))
        .add(weights.raw("bias", channels).to(ScalarType.Double).view(channels, 1, 1));
  }

  /** To mean 0 and variance 1 over the last dimension. */
  private static Tensor normalise(Tensor x, double epsilon) {
    Tensor centred = x.sub(x.mean(new long[] {-1}, true, new ScalarTypeOptional()));
    Tensor variance = centred.mul(centred).mean(new long[] {-1}, true, new ScalarTypeOptional());
    return centred.div(variance.add(new Scalar(epsilon)).sqrt());
  }
}
