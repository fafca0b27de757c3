package io.t2v.internal.memory;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.DeviceMemory;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.SideStream;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.weights.Weights;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.Residency;
import io.t2v.offload.ResidencyEvent;
import io.t2v.offload.ResidencyEvent.Direction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * When a network of the pipeline has its weights in memory, on which device, in which dtype.
 *
 * @param component which network it is
 * @param policy decides when its weights are in memory
 * @param compute on which device, and in which dtype
 * @param sideStreams finds a device's second stream, for weights that are streamed
 */
public record Placement(
    Component component,
    OffloadPolicy policy,
    ComputeConfig compute,
    Function<ComputeDevice, SideStream> sideStreams) {
  /**
   * A network with its usual side stream.
   *
   * @param component which network it is
   * @param policy decides when its weights are in memory
   * @param compute on which device, and in which dtype
   */
  public Placement(Component component, OffloadPolicy policy, ComputeConfig compute) {
    this(component, policy, compute, SideStream::of);
  }

  /**
   * A network on the CPU, in float32.
   *
   * @param component which network it is
   * @param policy decides when its weights are in memory
   */
  public Placement(Component component, OffloadPolicy policy) {
    this(component, policy, ComputeConfig.cpu());
  }

  /**
   * Makes a network on weights.
   *
   * @param <N> the network
   */
  @FunctionalInterface
  public interface Maker<N> {
    /**
     * Makes the network.
     *
     * @param weights of the whole network
     * @param parts makes the parts into which it divides itself
     * @return the network
     */
    N make(Weights weights, Submodules parts);
  }

  /**
   * Places a network.
   *
   * @param <N> the network
   * @param weights its weights, closed with the network
   * @param form in which its layers keep them
   * @param maker makes it
   * @return the network, not loaded yet
   * @throws IllegalArgumentException if its weights are to be streamed to a device without memory
   *     of its own
   */
  public <N> ManagedModule<N> place(TensorReader weights, Weights.Form form, Maker<N> maker) {
    Residency residency = policy.residency(component);
    SideStream side =
        residency == Residency.STREAMED ? sideStreams.apply(compute.device()) : SideStream.none();
    return place(residency, side, weights, form, maker).closing(weights);
  }

  private <N> ManagedModule<N> place(
      Residency residency, SideStream side, TensorReader files, Weights.Form form, Maker<N> maker) {
    Submodules parts = new Offloaded(this::told, side);
    return switch (residency) {
      case KEPT -> ManagedModule.kept(whole(files, form, maker), told(""));
      case WHILE_USED -> ManagedModule.releasedAfterUse(whole(files, form, maker), told(""));
      case LAYER_BY_LAYER ->
          ManagedModule.kept(pool -> maker.make(Weights.of(files, form, compute, pool), parts));
      case STREAMED ->
          ManagedModule.kept(
              pool -> maker.make(Weights.streamed(files, form, compute, pool), parts));
    };
  }

  /** All weights at once; those that are stored in fewer bits are widened part by part. */
  private <N> Function<NativePool, N> whole(TensorReader files, Weights.Form form, Maker<N> maker) {
    if (!compute.isCompact()) {
      return pool ->
          staged(
              Weights.of(files, form, compute, pool),
              weights -> maker.make(weights, Submodules.together()));
    }
    Submodules parts = new Offloaded(part -> this::trimAfterRelease, SideStream.none());
    return pool -> maker.make(Weights.stored(files, form, compute, pool), parts);
  }

  /**
   * Places a network that is too small to be divided: layer by layer, and streamed, mean while it
   * is used, and so does any policy if its weights are widened for each use.
   *
   * @param <N> the network
   * @param weights its weights
   * @param form in which its layers keep them
   * @param maker makes it
   * @return the network, not loaded yet
   */
  public <N> ManagedModule<N> placeWhole(
      TensorFiles weights, Weights.Form form, Function<Weights, N> maker) {
    TensorReader files = TensorReader.open(weights);
    Function<NativePool, N> loader = pool -> staged(Weights.of(files, form, compute, pool), maker);
    ManagedModule<N> network =
        policy.residency(component) == Residency.KEPT && !compute.isCompact()
            ? ManagedModule.kept(loader, told(""))
            : ManagedModule.releasedAfterUse(loader, told(""));
    return network.closing(files);
  }

  private static <N> N staged(Weights weights, Function<Weights, N> maker) {
    try (StagingMemory memory = new StagingMemory()) {
      return maker.apply(weights.stagedIn(memory));
    }
  }

  private Consumer<Direction> told(String part) {
    return direction -> {
      if (direction == Direction.RELEASED || part.isEmpty()) {
        trim();
      }
      policy.onResidencyChange(new ResidencyEvent(component, part, direction));
    };
  }

  private void trimAfterRelease(Direction direction) {
    if (direction == Direction.RELEASED) {
      trim();
    }
  }

  /**
   * Freed weights leave gaps on the C heap. Without trimming it, parts that come and go would hold
   * twice the memory that they use.
   */
  private void trim() {
    if (compute.device().isCpu()) {
      DeviceMemory.emptyCache(compute.device());
    }
  }

  /** Parts that are made for each use, and freed after it. */
  private static final class Offloaded implements Submodules {
    private final Function<String, Consumer<Direction>> listeners;
    private final SideStream side;

    /** listeners: told when the part of a name is loaded or released; side: copies parts. */
    Offloaded(Function<String, Consumer<Direction>> listeners, SideStream side) {
      this.listeners = listeners;
      this.side = side;
    }

    @Override
    public <N> ManagedModule<N> part(String name, Weights weights, Function<Weights, N> maker) {
      return ManagedModule.releasedAfterUse(
          pool -> staged(weights.withPool(pool), maker), listeners.apply(name), side);
    }

    @Override
    public boolean offloaded() {
      return true;
    }
  }
}
