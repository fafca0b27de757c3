package io.t2v.internal.torch;

import org.bytedeco.pytorch.Tensor;

/** A stretch of memory in which tensors lie one after the other. For one thread at a time. */
final class Slab {
  /** A cache line, which any dtype fits. */
  private static final long ALIGNMENT = 64;

  private final Tensor memory;
  private long used;

  /** memory: [bytes], which stays the caller's to free. */
  Slab(Tensor memory) {
    this.memory = memory;
  }

  Tensor memory() {
    return memory;
  }

  boolean hasRoomFor(long bytes) {
    return used + bytes <= memory.numel();
  }

  /** [bytes] behind all others, of the innermost open scope, with any content. */
  Tensor take(long bytes) {
    Tensor taken = memory.narrow(0, used, bytes);
    used = (used + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return taken;
  }

  /** Begins at the front again. */
  void reset() {
    used = 0;
  }
}
