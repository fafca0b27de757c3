package io.t2v.internal.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Host memory for many tensors that stay: the weights of a network that are used as they were read,
 * or copied to a device again and again. They lie side by side in slabs, and only what is larger
 * than a slab has a piece of its own.
 *
 * <p>On the C heap they would leave gaps when they are freed. Pinned memory can be copied while the
 * device computes, but libtorch rounds each piece of it up to a power of two.
 *
 * <p>Safe for use by many threads.
 */
public final class HostSlabs {
  /** Bytes of a slab, unless somebody knows better. */
  public static final long SLAB = 64L << 20;

  private final NativePool pool;
  private final boolean pinned;
  private final long slabBytes;
  private final List<Slab> slabs = new ArrayList<>();

  /**
   * Makes slabs of 64 MiB, as they are needed.
   *
   * @param pool keeps them; no other thread fills it while tensors are stored
   * @param pinned whether to pin them, which needs a GPU
   */
  public HostSlabs(NativePool pool, boolean pinned) {
    this(pool, pinned, SLAB);
  }

  /**
   * Makes slabs of a size, as they are needed.
   *
   * @param pool keeps them; no other thread fills it while tensors are stored
   * @param pinned whether to pin them, which needs a GPU
   * @param slabBytes of each, but for larger tensors
   */
  public HostSlabs(NativePool pool, boolean pinned, long slabBytes) {
    this.pool = pool;
    this.pinned = pinned;
    this.slabBytes = slabBytes;
  }

  /**
   * Copies a tensor.
   *
   * @param x on the CPU
   * @param type dtype of the copy
   * @return the copy, row by row, alive as long as the pool
   */
  public synchronized Tensor store(Tensor x, ScalarType type) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor free = take(x.numel() * torch.elementSize(type));
      Tensor copy = free.view(type).view(HostTensors.shape(x));
      copy.copy_(x);
      return pool.adopt(copy);
    }
  }

  /**
   * Returns memory for a tensor.
   *
   * @param bytes how many, at least 0
   * @return [bytes], of the innermost open scope, with any content; the memory stays as long as the
   *     pool
   */
  public synchronized Tensor take(long bytes) {
    return slabFor(bytes).take(bytes);
  }

  private Slab slabFor(long bytes) {
    return slabs.stream()
        .filter(slab -> slab.hasRoomFor(bytes))
        .findFirst()
        .orElseGet(() -> add(Math.max(bytes, slabBytes)));
  }

  private Slab add(long bytes) {
    TensorOptions options =
        new TensorOptions(ScalarType.Byte).pinned_memory(new BoolOptional(pinned));
    Slab slab =
        new Slab(pool.adopt(torch.empty(new long[] {bytes}, options, new MemoryFormatOptional())));
    slabs.add(slab);
    return slab;
  }

  /** Returns how much memory there is in slabs. */
  public synchronized long bytes() {
    return slabs.stream().mapToLong(slab -> slab.memory().numel()).sum();
  }
}
