package io.t2v;

import com.google.common.base.Throwables;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.torch.AllocationFailure;
import io.t2v.internal.torch.NativeFailure;
import io.t2v.offload.MemoryPlan;
import java.nio.channels.ClosedByInterruptException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Translates what libtorch, JavaCPP and interrupted channels throw into exceptions of this API. All
 * others pass unchanged, those of plug-ins and listeners included.
 */
final class FailureTranslation {
  private FailureTranslation() {}

  /** What a generation throws; its memory is free again when the plan is asked for. */
  static RuntimeException ofGeneration(Throwable failure, Supplier<MemoryPlan> plan) {
    return translate(
        failure, "generating", text -> new InsufficientMemoryException(text, plan.get(), failure));
  }

  /** What happens before a plan of memory can be made. */
  static RuntimeException ofPreparation(Throwable failure, String action) {
    return translate(
        failure,
        action,
        text ->
            new ComputeException("Native memory ran out while " + action + ": " + text, failure));
  }

  private static RuntimeException translate(
      Throwable failure, String action, Function<String, RuntimeException> outOfMemory) {
    Optional<String> allocation = AllocationFailure.text(failure);
    if (allocation.isPresent()) {
      return outOfMemory.apply(allocation.get());
    }
    Throwables.throwIfInstanceOf(failure, Error.class);
    RuntimeException exception = (RuntimeException) failure;
    if (isInterruption(exception)) {
      GenerationCancelledException cancelled =
          new GenerationCancelledException("the thread was interrupted while " + action);
      cancelled.initCause(failure);
      return cancelled;
    }
    return NativeFailure.text(exception)
        .<RuntimeException>map(
            text -> new ComputeException("libtorch failed while " + action + ": " + text, failure))
        .orElse(exception);
  }

  /** An interrupted thread closes the file that it reads. */
  private static boolean isInterruption(RuntimeException failure) {
    return (failure instanceof CheckpointException || failure instanceof SavedRunException)
        && Throwables.getRootCause(failure) instanceof ClosedByInterruptException;
  }
}
