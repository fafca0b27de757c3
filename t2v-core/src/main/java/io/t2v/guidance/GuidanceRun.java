package io.t2v.guidance;

import io.t2v.internal.torch.TensorScope;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * One run of a {@link Guidance}, with whatever it remembers from step to step. Used by one thread
 * at a time.
 *
 * <p>A batch holds several videos, each of which must come out as it does alone: what is computed
 * over a whole prediction, such as a norm, is computed for each entry of the first dimension.
 */
@FunctionalInterface
public interface GuidanceRun extends AutoCloseable {
  /**
   * Makes one prediction of two. Called for the steps for which {@link Guidance#appliesTo} returned
   * true, in order.
   *
   * @param negative the denoiser's prediction for the negative prompts, [videos, channels, frames,
   *     height, width]; to be neither closed nor changed
   * @param positive its prediction for the prompts, of the same shape; likewise
   * @param step where in the run
   * @return the prediction for the scheduler, of the same shape and dtype: a new tensor, which
   *     belongs to the innermost open {@link org.bytedeco.javacpp.PointerScope} of the thread, or,
   *     where none is open, to the caller
   */
  Tensor combine(Tensor negative, Tensor positive, GuidanceStep step);

  /** Frees what the run remembers; by default nothing. */
  @Override
  default void close() {}

  /**
   * Computes a tensor and frees every other native object that the computation made.
   *
   * <p>The result moves to the innermost scope that was open before, or, without one, becomes the
   * caller's to close. A tensor that is remembered beyond the step is {@code retainReference()}d,
   * and closed in {@link #close()}.
   *
   * @param computation makes tensors, and returns one of them
   * @return what it returned
   */
  static Tensor scoped(Supplier<Tensor> computation) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(computation.get());
    }
  }
}
