package io.t2v.internal.memory;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs a network's submodules in order. When they are streamed to the device, prefetches the next
 * one while the current one computes, so that at most two are resident.
 *
 * <p>Used by one thread. Closing it drops what was prefetched and not used.
 */
public final class Prefetcher implements AutoCloseable {
  private ManagedModule<?>.@Nullable Lease ahead;

  /** Makes one that has prefetched nothing. */
  public Prefetcher() {}

  /**
   * Uses a part.
   *
   * @param <N> the part
   * @param <R> the result
   * @param part to be used
   * @param next which will be used after it; null if nothing is known of that
   * @param user is given the part, which is alive until it returns
   * @return what the user returned
   */
  public <N, R> R use(ManagedModule<N> part, @Nullable ManagedModule<?> next, Function<N, R> user) {
    try (ManagedModule<N>.Lease lease = part.acquire()) {
      prefetch(next);
      return user.apply(lease.get());
    }
  }

  /**
   * Uses parts one after the other.
   *
   * @param <N> the parts
   * @param parts in the order of their use
   * @param user is given each part, which is alive until it returns
   */
  public <N> void inTurn(List<ManagedModule<N>> parts, Consumer<N> user) {
    inTurn(parts, (index, part) -> user.accept(part));
  }

  /** As above; the user is given the index of each part as well. */
  public <N> void inTurn(List<ManagedModule<N>> parts, IndexedUser<N> user) {
    for (int i = 0; i < parts.size(); i++) {
      try (ManagedModule<N>.Lease lease = parts.get(i).acquire()) {
        prefetch(i + 1 < parts.size() ? parts.get(i + 1) : null);
        user.use(i, lease.get());
      }
    }
  }

  /**
   * Uses one of several parts.
   *
   * @param <N> the parts
   */
  @FunctionalInterface
  public interface IndexedUser<N> {
    void use(int index, N part);
  }

  /** Drops the previous prefetch: its block is in use and holds its own lease. */
  private void prefetch(@Nullable ManagedModule<?> next) {
    close();
    if (next != null && next.overlaps()) {
      ahead = next.acquire();
    }
  }

  @Override
  public void close() {
    if (ahead != null) {
      ahead.close();
      ahead = null;
    }
  }
}
