package io.t2v.internal.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Host memory that the weights of a network are read into, one after the other, while it is loaded.
 *
 * <p>What layers keep is derived from the weights, so what was read is freed at once. Memory of its
 * own for each would be mapped, zeroed and given back page by page, a fifth of the time of loading
 * the published UNet, and leave gaps on the C heap. Memory is used again as soon as no tensor
 * refers to it, whoever held one.
 *
 * <p>Not safe for use by many threads.
 */
public final class StagingMemory implements AutoCloseable {
  /** Smaller tensors have memory of their own: one that is kept would hold a large buffer. */
  private static final long SMALLEST = 1 << 20;

  private final List<Tensor> buffers = new ArrayList<>();
  private boolean closed;

  /**
   * Returns memory for a tensor.
   *
   * @param bytes how many, at least 0
   * @return [bytes], of the innermost open scope, with any content; it may be kept, and then is not
   *     used again
   */
  public Tensor take(long bytes) {
    if (closed || bytes < SMALLEST) {
      return fresh(bytes);
    }
    Tensor buffer =
        buffers.stream()
            .filter(held -> held.numel() >= bytes && isFree(held))
            .findFirst()
            .orElseGet(() -> grow(bytes));
    return buffer.narrow(0, 0, bytes);
  }

  /** Frees what is too small now: one buffer as large as the largest tensor serves all. */
  private Tensor grow(long bytes) {
    List<Tensor> free = buffers.stream().filter(StagingMemory::isFree).toList();
    buffers.removeAll(free);
    free.forEach(Tensor::close);
    Tensor buffer = fresh(bytes).retainReference();
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

  /** Whether nothing but the handle in the list refers to the memory. */
  private static boolean isFree(Tensor buffer) {
    return buffer.storage().use_count() == 1;
  }

  /** Gives the memory back, once the last tensor in it is freed. What is taken later is its own. */
  @Override
  public void close() {
    closed = true;
    buffers.forEach(Tensor::close);
    buffers.clear();
  }
}
