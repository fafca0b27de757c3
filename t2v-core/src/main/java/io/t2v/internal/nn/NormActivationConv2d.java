package io.t2v.internal.nn;

import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;

/** Normalisation, activation and convolution: the unit that residual networks repeat. */
public record NormActivationConv2d(GroupNorm norm, Activation activation, Conv2d conv) {
  /** [batch, in, height, width] to [batch, out, height', width']; x stays as it is. */
  public Tensor forward(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(conv.forward(activate(x)));
    }
  }

  /** As {@link #forward}, but frees x once it is normalised, before memory peaks. */
  public Tensor forwardFreeing(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor activated = activate(x);
      x.close();
      return scope.keep(conv.forward(activated));
    }
  }

  /** As {@link #forwardFreeing}, plus a tensor of the output's shape, which stays as it is. */
  public Tensor forwardFreeing(Tensor x, Tensor addend) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor activated = activate(x);
      x.close();
      return scope.keep(conv.forwardPlus(activated, addend));
    }
  }

  /** The convolution's input. */
  public Tensor activate(Tensor x) {
    return activation.applyInPlace(norm.forward(x));
  }
}
