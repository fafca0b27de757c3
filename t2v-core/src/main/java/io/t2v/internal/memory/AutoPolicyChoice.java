package io.t2v.internal.memory;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.io.ByteSize;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import java.util.List;
import java.util.function.Function;

/**
 * The fastest policy that fits into memory, in place of {@link OffloadPolicy#auto}.
 *
 * @param policy that was chosen
 * @param why what each candidate takes
 */
record AutoPolicyChoice(OffloadPolicy policy, String why) implements OffloadPolicy {
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

  static AutoPolicyChoice choose(ComputeDevice device, Function<OffloadPolicy, MemoryPlan> plans) {
    List<OffloadPolicy> candidates = candidates(device);
    StringBuilder why = new StringBuilder();
    for (OffloadPolicy candidate : candidates) {
      MemoryPlan plan = plans.apply(candidate);
      why.append(why.isEmpty() ? "" : ", ")
          .append(candidate)
          .append(" takes ")
          .append(ByteSize.gib(plan.peakBytes()));
      if (plan.fits()) {
        return new AutoPolicyChoice(candidate, why + " of " + ByteSize.gib(plan.availableBytes()));
      }
    }
    OffloadPolicy last = candidates.get(candidates.size() - 1);
    return new AutoPolicyChoice(last, why + ", none of which fits for certain");
  }

  @Override
  public Residency residency(Component component) {
    return policy.residency(component);
  }

  @Override
  public String toString() {
    return policy + " (auto: " + why + ")";
  }
}
