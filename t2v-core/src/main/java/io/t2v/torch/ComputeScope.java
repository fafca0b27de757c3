package io.t2v.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;

/**
 * Puts the current thread into libtorch's inference mode (no gradients, no version counters) with a
 * given number of threads for each operator, and frees every native object made meanwhile.
 *
 * <p>Inference mode belongs to the thread, and the mode object restores the former state when it is
 * freed: hence the outer scope, which holds the mode alone and closes last.
 */
public final class ComputeScope implements AutoCloseable {
  private final PointerScope outer;
  private final TensorScope inner;

  private ComputeScope(int threads) {
    TorchRuntime.load();
    torch.set_num_threads(threads);
    outer = new PointerScope();
    new InferenceMode(true);
    inner = TensorScope.open();
  }

  /**
   * Opens the scope on this thread.
   *
   * @param threads threads for one operator, at least 1
   * @return the scope, to be closed by the same thread
   */
  public static ComputeScope open(int threads) {
    return new ComputeScope(threads);
  }

  @Override
  public void close() {
    try {
      inner.close();
    } finally {
      outer.close();
    }
  }
}
