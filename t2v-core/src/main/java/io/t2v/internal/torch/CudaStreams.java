package io.t2v.internal.torch;

import io.t2v.device.ComputeDevice;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * The queue of work of each CUDA device.
 *
 * <p>One stream a device serves all threads. What one thread queued is then done before what
 * another queues after it, so that weights and embeddings can be shared, and freed, without events;
 * and memory that one generation gave back to libtorch's allocator, which keeps it apart by stream,
 * serves the next. A card that one generation keeps busy gains nothing from a second stream. Who
 * captures a graph needs a stream of its own: a capture takes in whatever other threads queue on
 * the same one.
 *
 * <p>It is not CUDA's default stream, which waits for all others and cannot be captured.
 *
 * <p>Needs CUDA: the first use of this class loads it, and has cuDNN try its kernels once for each
 * shape, unless {@link TorchRuntime#KEEP_PROPERTY} is set.
 */
final class CudaStreams {
  private static final ConcurrentMap<Integer, CUDAStream> STREAMS = new ConcurrentHashMap<>();

  static {
    if (!TorchRuntime.keepsProcessSettings()) {
      torch.globalContext().setBenchmarkCuDNN(true);
    }
  }

  private CudaStreams() {}

  /**
   * Makes a device the current one of this thread, and its stream the current stream, until the
   * innermost open scope closes.
   */
  static void makeCurrent(ComputeDevice device) {
    // The guard sets both, and its destructor restores both.
    new CUDAStreamGuard(stream(device).unwrap());
  }

  /**
   * The stream on which this process computes on the device; it need not be this thread's current
   * stream.
   */
  static CUDAStream stream(ComputeDevice device) {
    return STREAMS.computeIfAbsent(device.index(), CudaStreams::take);
  }

  /** Of libtorch's pool, with its usual priority; kept for the life of the process. */
  private static CUDAStream take(int index) {
    try (TensorScope scope = TensorScope.open()) {
      torch.globalContext().lazyInitDevice(DeviceType.CUDA);
      CUDAStream stream = torch_cuda.getStreamFromPool(false, (byte) index);
      stream.retainReference();
      return stream;
    }
  }
}
