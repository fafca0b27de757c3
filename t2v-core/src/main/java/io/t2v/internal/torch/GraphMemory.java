package io.t2v.internal.torch;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Device memory in the private pools of CUDA graphs. libtorch's allocator counts it as reserved and
 * not as active, as if other tensors could take it. Thread-safe.
 */
final class GraphMemory {
  private static final ConcurrentMap<Integer, Long> BYTES = new ConcurrentHashMap<>();

  private GraphMemory() {}

  static void take(int device, long bytes) {
    BYTES.merge(device, bytes, Long::sum);
  }

  static void giveBack(int device, long bytes) {
    take(device, -bytes);
  }

  /** The bytes of all graphs that are open on the device with this index. */
  static long taken(int device) {
    return BYTES.getOrDefault(device, 0L);
  }
}
