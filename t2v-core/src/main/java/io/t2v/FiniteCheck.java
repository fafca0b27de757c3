package io.t2v;

import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Detects NaN and infinity by the sum of a tensor, which is then not finite either. On a CPU the
 * sum is read at once. On a device, where reading it would wait for all that is queued, it is read
 * one check later, when the next step is queued. Used by one thread.
 */
final class FiniteCheck implements AutoCloseable {
  private final boolean enabled;
  private @Nullable Pending pending;

  FiniteCheck(boolean enabled) {
    this.enabled = enabled;
  }

  /** part: such as {@code the prediction of the denoiser in step 3 of 25}. */
  private record Pending(String part, String suggestion, Tensor sum) {}

  /**
   * Looks at a result.
   *
   * @throws NonFiniteValueException if it, or the one before it, is not finite
   */
  void check(Tensor result, String part, String suggestion) {
    if (!enabled) {
      return;
    }
    Pending next = new Pending(part, suggestion, retainedSum(result));
    finish();
    pending = next;
    if (result.device().is_cpu()) {
      finish();
    }
  }

  private static Tensor retainedSum(Tensor result) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor sum = result.sum();
      sum.retainReference();
      return sum;
    }
  }

  /** Looks at what was checked last. */
  void finish() {
    Pending last = pending;
    pending = null;
    if (last != null) {
      try (Tensor sum = last.sum) {
        if (!Double.isFinite(sum.item_float())) {
          throw new NonFiniteValueException(
              last.part + " holds NaN or infinity. " + last.suggestion);
        }
      }
    }
  }

  @Override
  public void close() {
    if (pending != null) {
      pending.sum.close();
      pending = null;
    }
  }
}
