package io.t2v.offload;

import java.util.List;
import java.util.function.Function;

/** Stands for the fastest policy that fits, until the pipeline knows which that is. */
final class AutoPolicy implements OffloadPolicy {
  static final AutoPolicy INSTANCE = new AutoPolicy();

  /** From the fastest to the one that takes the least memory. */
  private static final List<OffloadPolicy> CANDIDATES =
      List.of(OffloadPolicy.none(), OffloadPolicy.component(), OffloadPolicy.disk());

  private AutoPolicy() {}

  OffloadPolicy choose(Function<OffloadPolicy, MemoryPlan> plans) {
    StringBuilder why = new StringBuilder();
    for (OffloadPolicy candidate : CANDIDATES) {
      MemoryPlan plan = plans.apply(candidate);
      why.append(why.isEmpty() ? "" : ", ")
          .append(candidate)
          .append(" takes ")
          .append(MemoryPlan.gib(plan.peakBytes()));
      if (plan.fits()) {
        return new Chosen(candidate, why + " of " + MemoryPlan.gib(plan.availableBytes()));
      }
    }
    OffloadPolicy last = CANDIDATES.get(CANDIDATES.size() - 1);
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
