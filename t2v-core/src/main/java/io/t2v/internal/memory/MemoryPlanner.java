package io.t2v.internal.memory;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.io.ByteSize;
import io.t2v.internal.memory.Workload.Texts;
import io.t2v.internal.torch.DeviceMemory;
import io.t2v.offload.Component;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.MemoryPlan.Share;
import io.t2v.offload.MemoryPlan.Use;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import io.t2v.offload.ResidencyEvent;
import io.t2v.offload.ResidencyEvent.Direction;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Works out what generations take, from the footprints of the networks and what is loaded at the
 * moment. Safe for use by many threads.
 */
public final class MemoryPlanner {
  /**
   * By how much the process grows beside: Java heap, the kernels' generated code, the allocator.
   */
  private static final long PROCESS = 64L << 20;

  private final Map<Component, Supplier<Footprint>> footprints;
  private final List<Change> changes;
  private final ComputeDevice device;
  private final LongSupplier available;
  private final LongSupplier availableOnHost;
  private final int mostDecoded;
  private final Map<Component, Loading> loading = new EnumMap<>(Component.class);

  private @Nullable OffloadPolicy policy;

  /** What is in memory of a network, for all pipelines that use it. */
  private static final class Loading {
    private volatile boolean loaded;

    /** Whether a part was loaded: since then its stored weights are in host memory. */
    private volatile boolean begun;
  }

  /**
   * Another way to make the networks, which may take less memory.
   *
   * @param name what to call on the pipeline's builder
   * @param footprints of the networks that way
   */
  public record Change(String name, Map<Component, Supplier<Footprint>> footprints) {}

  /**
   * Makes a planner.
   *
   * @param footprints of the networks that the pipeline made itself; asked for when first needed
   * @param changes that a plan may name as its cure, the cheapest first
   * @param device where the networks compute
   * @param limit the most that networks may take together there, in bytes, whatever it has; 0 for
   *     no limit
   * @param mostDecoded frames that may be decoded together, at least 1: as many as take no more
   *     memory than what else is computed
   * @throws IllegalArgumentException if no frame may be decoded
   */
  public MemoryPlanner(
      Map<Component, Supplier<Footprint>> footprints,
      List<Change> changes,
      ComputeDevice device,
      long limit,
      int mostDecoded) {
    this(
        footprints,
        changes,
        device,
        limit,
        mostDecoded,
        device.isCpu()
            ? HostMemory.ofThisMachine()::available
            : () -> DeviceMemory.available(device),
        HostMemory.ofThisMachine()::available);
  }

  public MemoryPlanner(
      Map<Component, Supplier<Footprint>> footprints,
      List<Change> changes,
      ComputeDevice device,
      long limit,
      int mostDecoded,
      LongSupplier available,
      LongSupplier availableOnHost) {
    checkArgument(mostDecoded >= 1, "mostDecoded is %s, expected at least 1", mostDecoded);
    this.mostDecoded = mostDecoded;
    this.footprints = inOrder(footprints);
    this.changes = List.copyOf(changes);
    this.device = device;
    this.available =
        limit == 0
            ? available
            : () ->
                Math.min(
                    available.getAsLong(),
                    Math.max(0, limit - bytesOf(is -> is.loaded, Share::keptBytes, true)));
    this.availableOnHost = availableOnHost;
    for (Component component : Component.values()) {
      loading.put(component, new Loading());
    }
  }

  /**
   * Plans with a network that another pipeline has made, and both use.
   *
   * @param other the planner of the pipeline that made it
   */
  public void share(Component component, MemoryPlanner other) {
    loading.put(component, other.loadingOf(component));
  }

  private Loading loadingOf(Component component) {
    return requireNonNull(loading.get(component));
  }

  private static Map<Component, Supplier<Footprint>> inOrder(
      Map<Component, Supplier<Footprint>> footprints) {
    Map<Component, Supplier<Footprint>> ordered = new EnumMap<>(Component.class);
    ordered.putAll(footprints);
    return ordered;
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
        wanted == OffloadPolicy.auto()
            ? AutoPolicyChoice.choose(device, candidate -> planWith(candidate, typical.get()))
            : wanted;
    policy = settled;
    return new OffloadPolicy() {
      @Override
      public Residency residency(Component component) {
        return settled.residency(component);
      }

      @Override
      public void onResidencyChange(ResidencyEvent event) {
        note(event);
        settled.onResidencyChange(event);
      }
    };
  }

  private void note(ResidencyEvent event) {
    Loading network = loadingOf(event.component());
    if (event.part().isEmpty()) {
      network.loaded = event.direction() == Direction.LOADED;
    } else {
      network.begun = true;
    }
  }

  /**
   * Plans a generation.
   *
   * @param workload what is computed
   * @return its memory, with a cure if it does not fit
   */
  public MemoryPlan plan(Workload workload) {
    OffloadPolicy used = used();
    Free free = free(workload);
    MemoryPlan plan = plan(used, footprints, workload, free);
    return plan.fits() ? plan : withSuggestion(plan, suggestion(used, plan, workload, free));
  }

  /**
   * Plans a generation with another policy than this planner's.
   *
   * @param other the policy, not {@link OffloadPolicy#auto}
   * @param workload what is computed
   * @return the memory of a pipeline that would be made with it
   */
  public MemoryPlan planWith(OffloadPolicy other, Workload workload) {
    return plan(other, footprints, workload, free(workload));
  }

  /** The policy that was settled on; {@link OffloadPolicy#none} before. */
  public OffloadPolicy used() {
    return policy == null ? OffloadPolicy.none() : policy;
  }

  /** What can be taken, and what is loaded, at one moment: the same for all plans of a question. */
  private record Free(long available, long loaded, long availableOnHost, long loadedOnHost) {}

  private Free free(Workload workload) {
    return new Free(
        available.getAsLong(),
        bytesOf(is -> is.loaded, Share::keptBytes, workload.encodesImages()),
        device.isCpu() ? 0 : availableOnHost.getAsLong(),
        bytesOf(is -> is.begun, Share::hostBytes, workload.encodesImages()));
  }

  /** On a device, as many clips together as fit: they keep it busy. */
  private MemoryPlan plan(
      OffloadPolicy candidate,
      Map<Component, Supplier<Footprint>> networks,
      Workload workload,
      Free free) {
    if (device.isCpu()) {
      return plan(candidate, networks, workload, 1, free);
    }
    return IntStream.of(workload.clips(), workload.clips() / workload.videos())
        .mapToObj(clips -> plan(candidate, networks, workload, clips, free))
        .filter(MemoryPlan::fits)
        .findFirst()
        .orElseGet(() -> plan(candidate, networks, workload, 1, free));
  }

  private MemoryPlan plan(
      OffloadPolicy candidate,
      Map<Component, Supplier<Footprint>> networks,
      Workload workload,
      int microBatch,
      Free free) {
    Workload batches = workload.withMicroBatch(microBatch);
    int decodeBatch = decodeBatch(candidate, networks, batches);
    List<Share> shares = shares(candidate, networks, batches.withDecodeBatch(decodeBatch));
    long stored = shares.stream().mapToLong(Share::hostBytes).sum();
    return new MemoryPlan(
        candidate.toString(),
        device,
        microBatch,
        decodeBatch,
        shares,
        new Use(peak(shares), free.loaded(), free.available()),
        device.isCpu()
            ? Optional.empty()
            : Optional.of(new Use(PROCESS + stored, free.loadedOnHost(), free.availableOnHost())),
        Optional.empty());
  }

  private int decodeBatch(
      OffloadPolicy candidate, Map<Component, Supplier<Footprint>> networks, Workload workload) {
    if (mostDecoded == 1) {
      return 1;
    }
    long peak = peak(shares(candidate, networks, workload));
    int frames = mostDecoded;
    while (frames > 1
        && peak(shares(candidate, networks, workload.withDecodeBatch(frames))) > peak) {
      frames--;
    }
    return frames;
  }

  private static List<Share> shares(
      OffloadPolicy candidate, Map<Component, Supplier<Footprint>> networks, Workload workload) {
    List<Share> shares = new ArrayList<>();
    networks.forEach(
        (component, footprint) -> {
          if (component == Component.VAE_ENCODER && !workload.encodesImages()) {
            return;
          }
          Residency residency = candidate.residency(component);
          shares.add(
              new Share(
                  component,
                  residency,
                  footprint.get().weights(residency),
                  footprint.get().kept(residency),
                  footprint.get().activations(residency, workload),
                  footprint.get().storedWeights(residency)));
        });
    return shares;
  }

  /** While a network computes, all that are kept are there as well. */
  private static long peak(List<Share> shares) {
    long peak = 0;
    for (Share computing : shares) {
      long bytes = computing.weightBytes() + computing.activationBytes();
      for (Share other : shares) {
        if (other.component() != computing.component()) {
          bytes += other.keptBytes();
        }
      }
      peak = Math.max(peak, bytes);
    }
    return shares.isEmpty() ? 0 : peak + PROCESS;
  }

  private long bytesOf(
      Predicate<Loading> networks, ToLongFunction<Share> bytes, boolean withEncoder) {
    Workload nothing =
        new Workload(1, false, 1, 1, 1, 1, withEncoder, Texts.ONE, Optional.empty(), 1);
    return shares(used(), footprints, nothing).stream()
        .filter(share -> networks.test(loadingOf(share.component())))
        .mapToLong(bytes)
        .sum();
  }

  private static MemoryPlan withSuggestion(MemoryPlan plan, Optional<String> suggestion) {
    return new MemoryPlan(
        plan.policy(),
        plan.device(),
        plan.microBatch(),
        plan.decodeBatch(),
        plan.shares(),
        plan.compute(),
        plan.host(),
        suggestion);
  }

  /** From what costs the least time to what changes the video. */
  private Optional<String> suggestion(
      OffloadPolicy used, MemoryPlan refused, Workload workload, Free free) {
    // Another pipeline would take the place of this one's networks.
    Predicate<MemoryPlan> fits = plan -> fitsInPlaceOf(refused, plan);
    for (OffloadPolicy other : AutoPolicyChoice.candidates(device)) {
      MemoryPlan plan = plan(other, footprints, workload, free);
      if (!other.equals(used) && fits.test(plan)) {
        return Optional.of(wouldFit("offload(OffloadPolicy." + other + "())", plan));
      }
    }
    for (Change change : changes) {
      MemoryPlan plan = plan(used, inOrder(change.footprints()), workload, free);
      if (fits.test(plan)) {
        return Optional.of(wouldFit(change.name(), plan));
      }
    }
    if (workload.videos() > 1 && plan(used, footprints, workload.ofOneVideo(), free).fits()) {
      return Optional.of("one video after the other would fit, instead of " + workload.videos());
    }
    int frames = mostFrames(used, workload, free);
    return frames == 0
        ? Optional.empty()
        : Optional.of(
            "window(FrameWindow.of(%s)) or frames(%s) would fit".formatted(frames, frames));
  }

  /** More frames take more memory, so the most that fit are found by bisection; 0 for none. */
  private int mostFrames(OffloadPolicy used, Workload workload, Free free) {
    int fitting = 0;
    int tooMany = workload.frames();
    while (tooMany - fitting > 1) {
      int frames = fitting + (tooMany - fitting) / 2;
      if (plan(used, footprints, workload.withFrames(frames), free).fits()) {
        fitting = frames;
      } else {
        tooMany = frames;
      }
    }
    return fitting;
  }

  private static boolean fitsInPlaceOf(MemoryPlan old, MemoryPlan plan) {
    return plan.peakBytes() <= old.availableBytes() + old.loadedBytes()
        && plan.host().map(Use::fits).orElse(true);
  }

  private static String wouldFit(String change, MemoryPlan plan) {
    return change + " would fit, with " + ByteSize.gib(plan.peakBytes());
  }
}
