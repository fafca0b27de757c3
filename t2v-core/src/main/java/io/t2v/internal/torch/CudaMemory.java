package io.t2v.internal.torch;

import io.t2v.device.ComputeDevice;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.cuda.CUDAAllocator;
import org.bytedeco.pytorch.cuda.DeviceStats;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch_cuda;

/** libtorch's allocator for CUDA devices. Needs CUDA: the first use of this class loads it. */
final class CudaMemory {
  private CudaMemory() {}

  /**
   * What the device has left, and what the allocator holds of it without using it. Blocks wait in
   * the allocator until the work that was queued on them is done: these count as used, and so do
   * the pools of CUDA graphs, which serve nobody else.
   */
  static long available(ComputeDevice device) {
    try (TensorScope scope = TensorScope.open()) {
      CUDAAllocator allocator = allocator();
      SizeTPair freeAndTotal = allocator.getMemoryInfo(index(device));
      DeviceStats stats = allocator.getDeviceStats(index(device));
      // Statistics are arrays by kind of block; the first element counts all kinds.
      return DeviceMemory.available(
          freeAndTotal.first(),
          stats.reserved_bytes().current(),
          stats.active_bytes().current(),
          GraphMemory.taken(index(device)));
    }
  }

  /** What the allocator took from the driver, for tensors and for later. */
  static long reserved(byte device) {
    try (TensorScope scope = TensorScope.open()) {
      return allocator().getDeviceStats(device).reserved_bytes().current();
    }
  }

  static long free(ComputeDevice device) {
    try (TensorScope scope = TensorScope.open()) {
      return allocator().getMemoryInfo(index(device)).first();
    }
  }

  static DeviceMemory.Peak peak(ComputeDevice device) {
    try (TensorScope scope = TensorScope.open()) {
      DeviceStats stats = allocator().getDeviceStats(index(device));
      return new DeviceMemory.Peak(stats.allocated_bytes().peak(), stats.reserved_bytes().peak());
    }
  }

  static void resetPeak(ComputeDevice device) {
    try (TensorScope scope = TensorScope.open()) {
      allocator().resetPeakStats(index(device));
    }
  }

  static void emptyCache() {
    try (TensorScope scope = TensorScope.open()) {
      allocator().emptyCache();
    }
  }

  static void limit(ComputeDevice device, long bytes) {
    try (TensorScope scope = TensorScope.open()) {
      CUDAAllocator allocator = allocator();
      long total = allocator.getMemoryInfo(index(device)).second();
      allocator.setMemoryFraction(DeviceMemory.fraction(bytes, total), index(device));
    }
  }

  /** libtorch knows its devices once it has been started on them. */
  private static CUDAAllocator allocator() {
    torch.globalContext().lazyInitDevice(DeviceType.CUDA);
    return torch_cuda.getAllocator();
  }

  private static byte index(ComputeDevice device) {
    return (byte) device.index();
  }
}
