package io.t2v.internal.torch;

import java.util.function.Supplier;

/** Work beside nothing else. */
enum SingleStream implements SideStream {
  INSTANCE;

  @Override
  public <T> Arrival<T> bring(NativePool pool, Supplier<T> work) {
    T brought = work.get();
    return () -> brought;
  }

  @Override
  public void followUsers() {}

  @Override
  public boolean overlaps() {
    return false;
  }
}
