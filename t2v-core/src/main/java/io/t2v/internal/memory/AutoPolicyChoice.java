package io.t2v.internal.memory;

import io.t2v.device.ComputeDevice;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import java.util.List;
import java.util.function.Function;

/** Stands for the fastest policy that fits, until the pipeline knows which that is. */
final class AutoPolicyChoice implements OffloadPolicy {
  static final AutoPolicyChoice INSTANCE = new AutoPolicyChoice();

  private AutoPolicyChoice() {}

  /** From the fastest to the one that takes the least memory. */
  static List<OffloadPolicy> candidates(ComputeDevice device) {
    return device.kind() == ComputeDevice.Kind.CUDA
        ? List.of(
            OffloadPolicy.none(),
            OffloadPolicy.component(),
            OffloadPolicy.streaming(),
            OffloadPolicy.disk())
        : List.of(OffloadPolicy.none(), OffloadPolicy.component(), OffloadPolicy.disk());
  }

  OffloadPolicy choose(ComputeDevice device, Function<OffloadPolicy, MemoryPlan> plans) {
    List<OffloadPolicy> candidates = candidates(device);
    StringBuilder why = new StringBuilder();
    for (OffloadPolicy candidate : candidates) {
      MemoryPlan plan = plans.apply(candidate);
      why.append(why.isEmpty() ? "" : ", ")
          .append(candidate)
          .append(" takes ")
          .append(MemoryPlan.gib(plan.peakBytes()));
      if (plan.fits()) {
        return new Chosen(candidate, why + " of " + MemoryPlan.gib(plan.availableBytes()));
      }
    }
    OffloadPolicy last = candidates.get(candidates.size() - 1);
    return new Chosen(last, why + ", none of which fits for certain");
  }

  @Override
  public Residency residency(Component component) {
    throw new IllegalStateException(
        "OffloadPolicy.auto() is for the pipeline's builder, which knows the model and the memory");
  }

  @Override
  public String toString() {
    return "auto";
  }

  private record Chosen(OffloadPolicy policy, String why) implements OffloadPolicy {
    @Override
    public Residency residency(Component component) {
      return policy.residency(component);
    }

    @Override
    public String toString() {
      return policy + " (auto: " + why + ")";
    }
  }
}
