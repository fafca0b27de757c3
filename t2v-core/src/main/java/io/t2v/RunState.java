package io.t2v;

import io.t2v.guidance.GuidanceRun;
import io.t2v.internal.pipeline.GuidedDenoiser;
import io.t2v.internal.pipeline.SeededNoise;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Stateful;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Everything of a run that changes from step to step, apart from the latents. */
record RunState(
    SamplingPlan plan,
    GuidanceRun guidance,
    GuidedDenoiser denoiser,
    LatentConstraints constraints,
    SeededNoise noise) {
  private static final String LATENTS = "latents";
  private static final String SCHEDULER = "scheduler.";
  private static final String GUIDANCE = "guidance.";
  private static final String DENOISER = "denoiser.";
  private static final String CONSTRAINT = "constraint.";
  private static final String NOISE = "noise.";

  /** Returns all of it, of the innermost open scope. The plug-ins are known to be stateful. */
  Map<String, Tensor> stateDict(Tensor latents) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put(LATENTS, latents);
    put(state, SCHEDULER, ((Stateful) plan).stateDict());
    put(state, GUIDANCE, ((Stateful) guidance).stateDict());
    put(state, DENOISER, denoiser.stateDict());
    put(state, CONSTRAINT, constraints.stateDict());
    put(state, NOISE, noise.stateDict());
    return state;
  }

  private static void put(Map<String, Tensor> state, String prefix, Map<String, Tensor> part) {
    part.forEach((name, tensor) -> state.put(prefix + name, tensor));
  }

  /**
   * Takes over what was saved.
   *
   * @param state on the device of the latents
   * @throws SavedRunException if a part does not take its own
   */
  void loadStateDict(Map<String, Tensor> state) {
    try {
      ((Stateful) plan).loadStateDict(part(state, SCHEDULER));
      ((Stateful) guidance).loadStateDict(part(state, GUIDANCE));
      denoiser.loadStateDict(part(state, DENOISER));
      constraints.loadStateDict(part(state, CONSTRAINT));
      noise.loadStateDict(part(state, NOISE));
    } catch (IllegalArgumentException e) {
      throw new SavedRunException(
          "No run can be resumed. Its file is damaged, or was saved by another version: "
              + e.getMessage()
              + ".",
          e);
    }
  }

  private static Map<String, Tensor> part(Map<String, Tensor> state, String prefix) {
    Map<String, Tensor> part = new LinkedHashMap<>();
    state.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            part.put(name.substring(prefix.length()), tensor);
          }
        });
    return part;
  }

  /** The latents among saved tensors. */
  static Tensor latents(Map<String, Tensor> state) {
    Tensor latents = state.get(LATENTS);
    if (latents == null) {
      throw new SavedRunException("The saved run holds no latents.");
    }
    return latents;
  }
}
