package io.t2v;

import io.t2v.torch.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Classifier-free guidance.
 *
 * @see <a href="https://arxiv.org/abs/2207.12598">Classifier-Free Diffusion Guidance</a>
 */
final class Guidance {
  private Guidance() {}

  /**
   * Moves from the unconditional prediction through the conditional one and beyond.
   *
   * @param both unconditional predictions, then conditional ones, along the first dimension
   * @param scale 1 for the conditional prediction itself
   * @return half as many entries
   */
  static Tensor guide(Tensor both, double scale) {
    try (TensorScope scope = TensorScope.open()) {
      long half = both.size(0) / 2;
      Tensor unconditional = both.narrow(0, 0, half);
      Tensor conditional = both.narrow(0, half, half);
      Tensor direction = conditional.sub(unconditional).mul_(new Scalar(scale));
      return scope.keep(unconditional.add(direction));
    }
  }
}
