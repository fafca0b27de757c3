package io.t2v.offload;

import io.t2v.offload.MemoryPlan.Share;
import io.t2v.offload.Move.Direction;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Works out what generations take, from the footprints of the networks and what is loaded at the
 * moment. Safe for use by many threads.
 */
public final class MemoryPlanner {
  /**
   * By how much the process grows beside: Java heap, the kernels' generated code, the allocator.
   */
  private static final long PROCESS = 192L << 20;

  private final Map<Component, Supplier<Footprint>> footprints;
  private final LongSupplier available;
  private final Set<Component> loaded = EnumSet.noneOf(Component.class);
  private @Nullable OffloadPolicy policy;

  /**
   * Makes a planner.
   *
   * @param footprints of the networks that the pipeline made itself; asked for when first needed
   * @param limit the most that networks may take together, in bytes, whatever the machine has; 0
   *     for no limit
   */
  public MemoryPlanner(Map<Component, Supplier<Footprint>> footprints, long limit) {
    this(footprints, limit, HostMemory.ofThisMachine()::available);
  }

  MemoryPlanner(
      Map<Component, Supplier<Footprint>> footprints, long limit, LongSupplier available) {
    this.footprints = new EnumMap<>(Component.class);
    this.footprints.putAll(footprints);
    this.available =
        limit == 0
            ? available
            : () -> Math.min(available.getAsLong(), Math.max(0, limit - loadedBytes()));
  }

  /**
   * Settles on a policy, and keeps account of what it loads.
   *
   * @param wanted by the user
   * @param typical workload for which a policy that chooses by itself should choose
   * @return the policy to place networks with
   */
  public OffloadPolicy settle(OffloadPolicy wanted, Supplier<Workload> typical) {
    OffloadPolicy settled =
        wanted instanceof AutoPolicy auto
            ? auto.choose(candidate -> plan(candidate, typical.get()))
            : wanted;
    policy = settled;
    return new OffloadPolicy() {
      @Override
      public Residency residency(Component component) {
        return settled.residency(component);
      }

      @Override
      public void moved(Move move) {
        note(move);
        settled.moved(move);
      }
    };
  }

  private synchronized void note(Move move) {
    if (move.part().isEmpty()) {
      if (move.direction() == Direction.IN) {
        loaded.add(move.component());
      } else {
        loaded.remove(move.component());
      }
    }
  }

  /**
   * Plans a generation.
   *
   * @param workload what is computed
   * @return its memory, with a cure if it does not fit
   */
  public MemoryPlan plan(Workload workload) {
    OffloadPolicy used = policy == null ? OffloadPolicy.none() : policy;
    MemoryPlan plan = plan(used, workload);
    return plan.fits()
        ? plan
        : new MemoryPlan(
            plan.policy(),
            plan.shares(),
            plan.peakBytes(),
            plan.loadedBytes(),
            plan.availableBytes(),
            cure(used, plan, workload));
  }

  private MemoryPlan plan(OffloadPolicy candidate, Workload workload) {
    List<Share> shares = new ArrayList<>();
    footprints.forEach(
        (component, footprint) -> {
          Residency residency = candidate.residency(component);
          shares.add(
              new Share(
                  component,
                  residency,
                  footprint.get().weights(residency),
                  footprint.get().activations(residency, workload)));
        });
    return new MemoryPlan(
        candidate.toString(),
        shares,
        peak(shares),
        loadedBytes(),
        available.getAsLong(),
        Optional.empty());
  }

  /** While a network computes, all that are kept are there as well. */
  private static long peak(List<Share> shares) {
    long peak = 0;
    for (Share computing : shares) {
      long bytes = computing.weightBytes() + computing.activationBytes();
      for (Share other : shares) {
        if (other.component() != computing.component() && other.residency() == Residency.KEPT) {
          bytes += other.weightBytes();
        }
      }
      peak = Math.max(peak, bytes);
    }
    return shares.isEmpty() ? 0 : peak + PROCESS;
  }

  private synchronized long loadedBytes() {
    long bytes = 0;
    for (Component component : loaded) {
      Supplier<Footprint> footprint = footprints.get(component);
      if (footprint != null) {
        bytes += footprint.get().wholeWeights();
      }
    }
    return bytes;
  }

  /** From what costs the least time to what changes the video. */
  private Optional<String> cure(OffloadPolicy used, MemoryPlan refused, Workload workload) {
    for (OffloadPolicy other : List.of(OffloadPolicy.component(), OffloadPolicy.disk())) {
      // Another policy means another pipeline, whose networks this one has to make room for.
      MemoryPlan plan = plan(other, workload);
      if (!other.equals(used)
          && plan.peakBytes() <= refused.availableBytes() + plan.loadedBytes()) {
        return Optional.of(
            "offload(OffloadPolicy."
                + other
                + "()) would fit, with "
                + MemoryPlan.gib(plan.peakBytes()));
      }
    }
    if (workload.videos() > 1 && plan(used, workload.ofOneVideo()).fits()) {
      return Optional.of("one video after the other would fit, instead of " + workload.videos());
    }
    for (int frames = workload.frames() - 1; frames >= 1; frames--) {
      if (plan(used, workload.withFrames(frames)).fits()) {
        return Optional.of("frames(" + frames + ") would fit");
      }
    }
    return Optional.empty();
  }
}
