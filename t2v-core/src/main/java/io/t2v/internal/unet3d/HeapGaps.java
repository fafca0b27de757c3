package io.t2v.internal.unet3d;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.torch.DeviceMemory;
import org.bytedeco.pytorch.Tensor;

/**
 * Hands gaps of the C heap back to the system where a network's features grow too large for them.
 *
 * <p>On a CPU, small features leave gaps between what stays on the heap. Larger ones reuse them, up
 * to 32 MiB: glibc gives anything above a mapping of its own, so the gaps that the inner levels of
 * the network leave would stay, unused, under the features of the outer levels. At 1024 × 576 that
 * was 0.8 GB. Trimming takes less than a tenth of a second, a step at such sizes more than ten.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/mallopt.3.html">M_MMAP_THRESHOLD</a>
 */
final class HeapGaps {
  /** The largest features that may lie on the heap. */
  static final long LARGEST_ON_HEAP = DeviceMemory.LARGEST_ON_HEAP;

  private HeapGaps() {}

  /**
   * Trims the heap if features have grown beyond what fits on it.
   *
   * @param bytes of the features before
   * @param features after
   */
  static void trimIfGrown(long bytes, Tensor features) {
    if (isWorthwhile(bytes, features.nbytes()) && features.is_cpu()) {
      DeviceMemory.emptyCache(ComputeDevice.cpu());
    }
  }

  static boolean isWorthwhile(long before, long after) {
    return after > before && after > LARGEST_ON_HEAP;
  }
}
