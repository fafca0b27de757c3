package io.t2v.testing;

import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.SideStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A side stream without a device: everything happens at once, and is noted. */
public final class RecordingSideStream implements SideStream {
  private final List<Long> broughtBytes = new ArrayList<>();
  private int awaited;
  private int followed;

  @Override
  public synchronized <T> Arrival<T> bring(NativePool pool, Supplier<T> work) {
    T brought = work.get();
    broughtBytes.add(pool.bytes());
    return () -> {
      noteAwaited();
      return brought;
    };
  }

  private synchronized void noteAwaited() {
    awaited++;
  }

  @Override
  public synchronized void followUsers() {
    followed++;
  }

  @Override
  public boolean overlaps() {
    return true;
  }

  /** Returns how large each thing was that was brought since the last call, in bytes. */
  public synchronized List<Long> takeBroughtBytes() {
    List<Long> taken = List.copyOf(broughtBytes);
    broughtBytes.clear();
    return taken;
  }

  /** Returns how many users waited for what they used. */
  public synchronized int awaited() {
    return awaited;
  }

  /** Returns how many users were waited for before what they had used was freed. */
  public synchronized int followed() {
    return followed;
  }
}
