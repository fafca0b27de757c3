package io.t2v.internal.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

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

  /**
   * Returns how large the tensors in this pool are. For tensors without content, this is what they
   * would take.
   *
   * @return bytes
   */
  public long bytes() {
    return objects.stream().mapToLong(NativePool::bytes).sum();
  }

  private static long bytes(Pointer object) {
    if (object instanceof Tensor tensor) {
      return tensor.nbytes();
    }
    if (object instanceof IValue value && value.isTensor()) {
      try (TensorScope scope = TensorScope.open()) {
        return value.toTensor().nbytes();
      }
    }
    return 0;
  }

  @Override
  public void close() {
    objects.forEach(Pointer::releaseReference);
    objects.clear();
  }
}
