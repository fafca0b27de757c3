package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Says what it remembers from step to step of a run, so that the run can be saved and continued in
 * another process. The pair of methods is PyTorch's {@code state_dict} and {@code load_state_dict};
 * numbers are tensors as well.
 *
 * <p>A run is saved only if its {@link SamplingPlan}, its {@link io.t2v.guidance.GuidanceRun} and
 * its {@link io.t2v.guidance.LatentConstraintRun} are of this type. Those that remember nothing
 * inherit both methods; a lambda is cast: {@code (GuidanceRun & Stateful) (negative, positive,
 * step) -> ...}.
 */
public interface Stateful {
  /**
   * Returns what is remembered. Default: nothing.
   *
   * @return name to tensor, which nobody changes; new handles belong to the innermost open {@link
   *     org.bytedeco.javacpp.PointerScope}
   */
  default Map<String, Tensor> stateDict() {
    return Map.of();
  }

  /**
   * Takes over what another object of the same settings remembered. Called before the first step.
   *
   * @param state as {@link #stateDict} returned it, on the device of the latents. Tensors that are
   *     kept beyond the call are {@code retainReference()}d
   * @throws IllegalArgumentException if it is not the state of such an object
   */
  default void loadStateDict(Map<String, Tensor> state) {
    checkArgument(
        state.isEmpty(),
        "%s remembers nothing, but the state has %s",
        getClass().getName(),
        state.keySet());
  }
}
