package io.t2v.internal.torch;

import io.t2v.device.ComputeDevice;
import io.t2v.device.ComputeDevice.Kind;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;

/**
 * Puts the current thread into libtorch's inference mode (no gradients, no version counters) with a
 * given number of threads for each operator, and frees every native object made meanwhile. On CUDA
 * it also makes the device the thread's current one, and the device's queue its current stream.
 *
 * <p>The number of threads stays set on this thread, which is one of the library's own. The other
 * modes are restored by the objects that set them when they are freed: hence the outer scope, which
 * holds them alone, closes last, and frees them in the reverse order.
 *
 * <p>A device works behind the thread that asks it to. Nothing has to be waited for where the scope
 * closes: results leave a generation as numbers in the Java heap, and a copy to the host waits for
 * all that was queued before it; copies of weights to the device wait as well, so that a mapped
 * file can be unmapped after them; and memory that tensors give back is used again by the same
 * queue alone, after what still works on it.
 */
public final class ComputeScope implements AutoCloseable {
  private final PointerScope outer;
  private final TensorScope inner;

  private ComputeScope(int threads, ComputeDevice device) {
    TorchRuntime.load();
    IntraOpThreads.setForThisThread(threads);
    outer = new PointerScope();
    try {
      new InferenceMode(true);
      if (device.kind() == Kind.CUDA) {
        CudaStreams.makeCurrent(device);
      }
      inner = TensorScope.open();
    } catch (RuntimeException | Error e) {
      outer.close();
      throw e;
    }
  }

  /**
   * Opens the scope on this thread, for work on the CPU with the number of threads that it has.
   *
   * @return the scope, to be closed by the same thread
   */
  public static ComputeScope open() {
    TorchRuntime.load();
    return open(torch.get_num_threads());
  }

  /**
   * Opens the scope on this thread, for the CPU.
   *
   * @param threads threads for one operator, at least 1
   * @return the scope, to be closed by the same thread
   */
  public static ComputeScope open(int threads) {
    return open(threads, ComputeDevice.cpu());
  }

  /**
   * Opens the scope on this thread.
   *
   * @param threads threads of the CPU for one operator, at least 1
   * @param device a real one, which {@link Devices#resolve} has found
   * @return the scope, to be closed by the same thread
   */
  public static ComputeScope open(int threads, ComputeDevice device) {
    return new ComputeScope(threads, device);
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
