package io.t2v.internal.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Host memory for what is needed for a moment while a network is loaded: weights as they were read,
 * and what is computed on the way to what layers keep. It lies in buffers that are used again as
 * soon as no tensor refers to them, whoever held one.
 *
 * <p>Memory of its own for each tensor would be mapped, zeroed and given back page by page, a fifth
 * of the time of loading the published UNet. And it would fragment the C heap: each mapped piece of
 * up to 32 MiB that is freed makes glibc place later pieces up to that size on its heap, between
 * gaps. Buffers are larger than that.
 *
 * <p>Not safe for use by many threads.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/mallopt.3.html">M_MMAP_THRESHOLD</a>
 */
public final class StagingMemory implements AutoCloseable {
  /** Smaller tensors have memory of their own, which malloc takes from its heap. */
  private static final long SMALLEST = 64 << 10;

  private static final long SMALLEST_BUFFER = DeviceMemory.LARGEST_ON_HEAP + (1 << 20);

  private final List<Slab> buffers = new ArrayList<>();
  private boolean closed;

  /**
   * Returns staging memory that uses nothing again: each tensor has memory of its own, and may be
   * kept.
   *
   * @return closed
   */
  public static StagingMemory none() {
    StagingMemory none = new StagingMemory();
    none.close();
    return none;
  }

  /**
   * Returns memory for a tensor.
   *
   * @param bytes how many, at least 0
   * @return [bytes], of the innermost open scope, with any content; if it is kept, so is the buffer
   *     that it lies in
   */
  public Tensor take(long bytes) {
    if (closed || bytes < SMALLEST) {
      return fresh(bytes);
    }
    buffers.stream().filter(StagingMemory::isFree).forEach(Slab::reset);
    return buffers.stream()
        .filter(buffer -> buffer.hasRoomFor(bytes))
        .findFirst()
        .orElseGet(() -> grow(bytes))
        .take(bytes);
  }

  /**
   * Returns memory for a result that is computed from a tensor.
   *
   * @param x of any dtype, on any device, or meta
   * @param shape of the result
   * @return a tensor of the dtype and device of x, of the innermost open scope, with any content
   */
  public Tensor like(Tensor x, long... shape) {
    return x.is_cpu()
        ? empty(x.scalar_type(), shape)
        : torch.empty(shape, x.options(), new MemoryFormatOptional());
  }

  /**
   * Returns memory for a tensor on the CPU.
   *
   * @param type its dtype
   * @param shape its shape
   * @return of the innermost open scope, with any content
   */
  public Tensor empty(ScalarType type, long... shape) {
    try (TensorScope scope = TensorScope.open()) {
      long bytes = torch.elementSize(type);
      for (long edge : shape) {
        bytes *= edge;
      }
      return scope.keep(take(bytes).view(type).view(shape));
    }
  }

  /** Replaces the free buffers, which are all too small, by one that is large enough. */
  private Slab grow(long bytes) {
    List<Slab> free = buffers.stream().filter(StagingMemory::isFree).toList();
    buffers.removeAll(free);
    free.forEach(buffer -> buffer.memory().close());
    Slab buffer = new Slab(fresh(Math.max(bytes, SMALLEST_BUFFER)).retainReference());
    buffers.add(buffer);
    return buffer;
  }

  /**
   * Returns memory of its own for a tensor.
   *
   * @param bytes how many, at least 0
   * @return [bytes], of the innermost open scope, with any content
   */
  public static Tensor fresh(long bytes) {
    return torch.empty(
        new long[] {bytes}, new TensorOptions(ScalarType.Byte), new MemoryFormatOptional());
  }

  /** Gives the memory back, once the last tensor in it is freed. What is taken later is its own. */
  @Override
  public void close() {
    closed = true;
    buffers.forEach(buffer -> buffer.memory().close());
    buffers.clear();
  }

  /** Whether nothing but this refers to the memory. */
  private static boolean isFree(Slab buffer) {
    return buffer.memory().storage().use_count() == 1;
  }
}
