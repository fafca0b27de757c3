package io.t2v.internal.memory;

import static com.google.common.base.Preconditions.checkState;

import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.SideStream;
import io.t2v.internal.torch.SideStream.Arrival;
import io.t2v.internal.torch.TensorScope;
import io.t2v.offload.ResidencyEvent.Direction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A network that is loaded when somebody needs it, and shared by all who do.
 *
 * <p>Either it then stays until this object is closed, or it is released after its last use.
 * Thread-safe: a second user waits while the first one loads.
 *
 * @param <N> the network
 */
public final class ManagedModule<N> implements AutoCloseable {
  private final Function<NativePool, N> loader;
  private final boolean keep;
  private final Consumer<Direction> listener;
  private final SideStream side;
  private @Nullable TensorReader files;
  private @Nullable Loaded<N> loaded;
  private int users;
  private int holders;
  private boolean closed;

  private ManagedModule(
      Function<NativePool, N> loader, boolean keep, Consumer<Direction> listener, SideStream side) {
    this.loader = loader;
    this.keep = keep;
    this.listener = listener;
    this.side = side;
  }

  /**
   * A network that is there already, on parameters that belong to somebody else.
   *
   * @param <N> the network
   * @param network to be handed out
   * @return the network, always loaded
   */
  public static <N> ManagedModule<N> of(N network) {
    ManagedModule<N> resident = kept(pool -> network);
    resident.loaded = new Loaded<>(() -> network, new NativePool());
    return resident;
  }

  /**
   * A network that stays once it is loaded.
   *
   * @param <N> the network
   * @param loader makes the network, with its parameters in the pool
   * @return the network, not loaded yet
   */
  public static <N> ManagedModule<N> kept(Function<NativePool, N> loader) {
    return kept(loader, direction -> {});
  }

  /** As above; the listener is told of each move. */
  public static <N> ManagedModule<N> kept(
      Function<NativePool, N> loader, Consumer<Direction> listener) {
    return new ManagedModule<>(loader, true, listener, SideStream.none());
  }

  /**
   * A network that is released when nobody uses it.
   *
   * @param <N> the network
   * @param loader makes the network, with its parameters in the pool
   * @return the network, not loaded yet
   */
  public static <N> ManagedModule<N> releasedAfterUse(Function<NativePool, N> loader) {
    return releasedAfterUse(loader, direction -> {});
  }

  /** As above; the listener is told of each move. */
  public static <N> ManagedModule<N> releasedAfterUse(
      Function<NativePool, N> loader, Consumer<Direction> listener) {
    return releasedAfterUse(loader, listener, SideStream.none());
  }

  /** As above; the network comes by the side stream. */
  public static <N> ManagedModule<N> releasedAfterUse(
      Function<NativePool, N> loader, Consumer<Direction> listener, SideStream side) {
    return new ManagedModule<>(loader, false, listener, side);
  }

  /**
   * Hands the files over that the loader reads: they are closed with this object, after its last
   * user is done.
   *
   * @param reader of the files
   * @return this
   */
  synchronized ManagedModule<N> closing(TensorReader reader) {
    files = reader;
    return this;
  }

  /** Whether it is worth while to start a use before the network is needed. */
  public boolean overlaps() {
    return side.overlaps();
  }

  /**
   * Starts a use, and loads the network if need be.
   *
   * @return the use, to be closed
   * @throws IllegalStateException if this object is closed
   */
  public synchronized Lease acquire() {
    checkState(!closed, "this component is closed");
    if (loaded == null) {
      loaded = load();
    }
    users++;
    return new Lease(loaded.arrival);
  }

  /**
   * Keeps the network between uses: once somebody has loaded it, it stays until the result is
   * closed.
   *
   * @return to be closed after the last use
   */
  public synchronized Hold hold() {
    holders++;
    return new Hold();
  }

  private Loaded<N> load() {
    NativePool pool = new NativePool();
    try (TensorScope scope = TensorScope.open()) {
      Loaded<N> made = new Loaded<>(side.bring(pool, () -> loader.apply(pool)), pool);
      listener.accept(Direction.LOADED);
      return made;
    } catch (RuntimeException | Error e) {
      pool.close();
      throw e;
    }
  }

  /** used: whether the device may be computing with the network still. */
  private synchronized void release(boolean used) {
    try {
      if (used) {
        side.followUsers();
      }
    } finally {
      users--;
      releaseIfUnused();
    }
  }

  private void releaseIfUnused() {
    if (isUnused() && (closed || !keep)) {
      unload();
    }
    closeFiles();
  }

  private boolean isUnused() {
    return users == 0 && holders == 0;
  }

  private void unload() {
    if (loaded != null) {
      loaded.pool.close();
      loaded = null;
      listener.accept(Direction.RELEASED);
    }
  }

  /** Frees the network: at once, or when its last user is done. No further use can start. */
  @Override
  public synchronized void close() {
    closed = true;
    releaseIfUnused();
  }

  private void closeFiles() {
    if (closed && isUnused() && files != null) {
      files.close();
      files = null;
    }
  }

  /** A stretch of time in which the network is not released. */
  public final class Hold implements AutoCloseable {
    private boolean ended;

    private Hold() {}

    /** Ends it, and releases the network if nobody uses it. Closing twice is harmless. */
    @Override
    public void close() {
      synchronized (ManagedModule.this) {
        if (!ended) {
          ended = true;
          holders--;
          releaseIfUnused();
        }
      }
    }
  }

  private record Loaded<N>(Arrival<N> arrival, NativePool pool) {}

  /** One use of the network, by one thread. */
  public final class Lease implements AutoCloseable {
    private final Arrival<N> arrival;
    private @Nullable N network;
    private boolean released;

    private Lease(Arrival<N> arrival) {
      this.arrival = arrival;
    }

    /**
     * Returns the network. If it is on its way to the device, what this thread asks of the device
     * from now on comes after its arrival.
     *
     * @return alive until this use is closed
     */
    public N get() {
      N arrived = network == null ? arrival.await() : network;
      network = arrived;
      return arrived;
    }

    /** Ends the use. Closing twice is harmless. */
    @Override
    public void close() {
      if (!released) {
        released = true;
        release(network != null);
      }
    }
  }
}
