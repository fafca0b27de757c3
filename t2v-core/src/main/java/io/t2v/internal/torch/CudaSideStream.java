package io.t2v.internal.torch;

import io.t2v.device.ComputeDevice;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Stream;
import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * A stream of libtorch's pool. Written after the sources of libtorch's allocator.
 *
 * <p>Why nothing is overwritten while it is used, though the host is far ahead of the device and
 * frees what kernels have yet to read:
 *
 * <ul>
 *   <li>libtorch's allocator keeps free memory by stream, and hands a block that was freed out
 *       again at once, to the stream that it was taken for. What is made while this stream is the
 *       current one is taken for this stream, whichever thread frees it later; so its memory is
 *       written again by work of this stream alone.
 *   <li>Computing streams read it after {@link Arrival#await}, which puts them behind the event
 *       that was recorded after the copies.
 *   <li>Before it is freed, {@link #followUsers} puts this stream behind the reader. What is
 *       brought next, and may be given the same block, is thus written when all readers are done.
 *       With several users in several threads each of them does so, and the last one frees.
 *   <li>What was brought and never used has no readers but this stream, whose work is in order; the
 *       same holds for what is passing while a part is made (the pieces of a fused matrix, a weight
 *       before it changes layout), and for what is left when making it fails.
 *   <li>The allocator gives memory back to the driver, where another stream could get it, only
 *       after it waited for the device or for this stream, which is behind all readers.
 * </ul>
 *
 * <p>{@code Tensor.record_stream} would do for the third point, but it keeps a block from being
 * used again until the host notices that the readers are done: with the host far ahead, more than
 * two parts would be there.
 *
 * <p>The source of a copy is pinned memory, whose allocator notes each copy that is under way.
 */
final class CudaSideStream implements SideStream {
  private static final long NOT_MADE = -1;

  private final byte device;
  private long id = NOT_MADE;

  CudaSideStream(ComputeDevice device) {
    this.device = (byte) device.index();
  }

  @Override
  public <T> Arrival<T> bring(NativePool pool, Supplier<T> work) {
    try (TensorScope scope = TensorScope.open()) {
      CUDAStream side = stream();
      // The guard makes the thread's former stream the current one again where it is closed.
      try (CUDAStreamGuard guard = new CUDAStreamGuard(side.unwrap())) {
        T brought = work.get();
        CUDAEvent arrived = pool.adopt(new CUDAEvent());
        arrived.record(side);
        return () -> {
          try (TensorScope awaiting = TensorScope.open()) {
            arrived.block(torch_cuda.getCurrentCUDAStream(device));
          }
          return brought;
        };
      }
    }
  }

  @Override
  public void followUsers() {
    try (TensorScope scope = TensorScope.open()) {
      CUDAEvent used = new CUDAEvent();
      used.record(torch_cuda.getCurrentCUDAStream(device));
      used.block(stream());
    }
  }

  @Override
  public boolean overlaps() {
    return true;
  }

  /** Streams of the pool live as long as the process: it is enough to know the number. */
  private synchronized CUDAStream stream() {
    if (id == NOT_MADE) {
      id = torch_cuda.getStreamFromPool(false, device).id();
    }
    return new CUDAStream(Stream.unpack3(id, device, DeviceType.CUDA));
  }
}
