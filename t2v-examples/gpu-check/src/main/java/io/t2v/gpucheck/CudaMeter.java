package io.t2v.gpucheck;

import io.t2v.device.ComputeDevice;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.cuda.CUDAAllocator;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * The memory of a CUDA device, as libtorch's allocator and the driver count it. The first call
 * starts CUDA.
 */
record CudaMeter(ComputeDevice device) implements DeviceMeter {
  @Override
  public long availableBytes() {
    try (PointerScope scope = new PointerScope()) {
      return allocator().getMemoryInfo(index()).first();
    }
  }

  @Override
  public long peakBytes() {
    try (PointerScope scope = new PointerScope()) {
      // Statistics are arrays by kind of block; the first element counts all kinds.
      return allocator().getDeviceStats(index()).allocated_bytes().peak();
    }
  }

  @Override
  public void resetPeak() {
    try (PointerScope scope = new PointerScope()) {
      allocator().resetPeakStats(index());
    }
  }

  @Override
  public void emptyCache() {
    try (PointerScope scope = new PointerScope()) {
      allocator().emptyCache();
    }
  }

  @Override
  public void cap(long bytes) {
    try (PointerScope scope = new PointerScope()) {
      CUDAAllocator allocator = allocator();
      long total = allocator.getMemoryInfo(index()).second();
      allocator.setMemoryFraction(Math.min(1, (double) bytes / total), index());
    }
  }

  @Override
  public void uncap() {
    cap(Long.MAX_VALUE);
  }

  /** libtorch knows its devices once it has been started on them. */
  private static CUDAAllocator allocator() {
    torch.globalContext().lazyInitDevice(DeviceType.CUDA);
    return torch_cuda.getAllocator();
  }

  private byte index() {
    return (byte) device.index();
  }
}
