package io.t2v.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/**
 * Native objects that live as long as one network: its parameters, and what is derived from them.
 *
 * <p>Filled by one thread; closed once, when nobody uses the network any more.
 */
public final class NativePool implements AutoCloseable {
  private final List<Pointer> objects = new ArrayList<>();

  /** Makes an empty pool. */
  public NativePool() {}

  /**
   * Takes an object over: it survives every scope until the pool closes.
   *
   * @param <P> kind of object
   * @param object any native object
   * @return the same object
   */
  public <P extends Pointer> P adopt(P object) {
    object.retainReference();
    objects.add(object);
    return object;
  }

  @Override
  public void close() {
    objects.forEach(Pointer::releaseReference);
    objects.clear();
  }
}
