package io.t2v.internal.torch;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.device.ComputeDevice;
import io.t2v.device.ComputeDevice.Kind;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MPSHooksInterface;
import org.bytedeco.pytorch.global.torch;

/**
 * The memory of devices that have their own, as libtorch's allocators manage it: they keep what
 * tensors give back for the next ones, so that the device counts it as taken.
 *
 * <p>What a device's driver takes for this process itself, some hundred megabytes on CUDA, is in
 * none of these figures but {@link #available}. The CPU's memory is {@code io.t2v.offload}'s.
 */
public final class DeviceMemory {
  /**
   * The largest piece that glibc may place on its heap; it gives anything above a mapping of its
   * own, which goes back to the system when it is freed.
   *
   * @see <a href="https://man7.org/linux/man-pages/man3/mallopt.3.html">M_MMAP_THRESHOLD</a>
   */
  public static final long LARGEST_ON_HEAP = 32L << 20;

  /**
   * The most memory of a device since it was last asked to {@linkplain #resetPeak forget}.
   *
   * @param allocatedBytes that tensors took
   * @param reservedBytes that the allocator took, for them and for later
   */
  public record Peak(long allocatedBytes, long reservedBytes) {}

  private DeviceMemory() {}

  /**
   * Returns what tensors can still take, without synchronising with the device.
   *
   * @param device with memory of its own, and there
   * @return bytes that the device has free, and those that the allocator holds but does not use. A
   *     single tensor may find no place for itself in the latter, as these may be in pieces; the
   *     allocator then hands pieces back and asks again
   * @throws IllegalArgumentException for the CPU
   */
  public static long available(ComputeDevice device) {
    return switch (device.kind()) {
      case CUDA -> CudaMemory.available(device);
      case MPS -> {
        MPSHooksInterface mps = torch.getMPSHooks();
        yield Math.max(0, mps.getRecommendedMaxMemory() - mps.getCurrentAllocatedMemory());
      }
      case CPU, AUTO -> throw new IllegalArgumentException(device + " has no memory of its own");
    };
  }

  /**
   * Returns what the device's driver has left, for all processes.
   *
   * @param device of CUDA
   * @return bytes, without what libtorch's allocator holds but does not use
   * @throws IllegalArgumentException for other devices
   */
  public static long free(ComputeDevice device) {
    requireCuda(device);
    return CudaMemory.free(device);
  }

  /**
   * Returns the most that was taken at one time.
   *
   * @param device of CUDA: libtorch does not count it for others
   * @return since this process started or since {@link #resetPeak}
   * @throws IllegalArgumentException for other devices
   */
  public static Peak peak(ComputeDevice device) {
    requireCuda(device);
    return CudaMemory.peak(device);
  }

  /**
   * Forgets the peak: from now on it is at least what is taken now.
   *
   * @param device of CUDA
   * @throws IllegalArgumentException for other devices
   */
  public static void resetPeak(ComputeDevice device) {
    requireCuda(device);
    CudaMemory.resetPeak(device);
  }

  /**
   * Hands back what is held but not used, for other processes to have it: by libtorch's allocator
   * of a device, in which case this waits for the device (on CUDA, for all of them); for the CPU,
   * by the system's C library, as far as that can.
   *
   * @param device any
   */
  public static void emptyCache(ComputeDevice device) {
    switch (device.kind()) {
      case CUDA -> CudaMemory.emptyCache();
      case MPS -> torch.getMPSHooks().emptyCache();
      case CPU -> Pointer.trimMemory();
      case AUTO -> {}
    }
  }

  /**
   * Caps what this process may take of a device. What is taken already stays; a request beyond
   * fails as if the device had no more.
   *
   * @param device of CUDA
   * @param bytes from 0; at the device's size and beyond there is no cap
   * @throws IllegalArgumentException if it is negative, and for other devices
   */
  public static void limit(ComputeDevice device, long bytes) {
    requireCuda(device);
    checkArgument(bytes >= 0, "the limit is %s bytes, expected at least 0", bytes);
    CudaMemory.limit(device, bytes);
  }

  /** inGraphs: of the reserved bytes, those of pools that only a CUDA graph uses. */
  static long available(long free, long reserved, long active, long inGraphs) {
    return free + Math.max(0, reserved - active - inGraphs);
  }

  /** From bytes to the share of all that libtorch wants to know, 0 to 1. */
  public static double fraction(long bytes, long total) {
    return Math.min(1, (double) bytes / total);
  }

  private static void requireCuda(ComputeDevice device) {
    checkArgument(device.kind() == Kind.CUDA, "device is %s, expected one of CUDA", device);
  }
}
